// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/serve.h"

#include <cstdio>
#include <cstdlib>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QProcessEnvironment>

#include <unistd.h>

#include "server/app/application.h"
#include "server/app/signalwatcher.h"
#include "server/app/startwatch.h"
#include "server/app/systemclock.h"
#include "server/app/systemdnotifier.h"
#include "server/config/keysettings.h"
#include "server/config/settingsloader.h"
#include "server/config/statedirectory.h"
#include "server/config/stateowner.h"
#include "server/log/journal.h"
#include "server/log/logger.h"
#include "server/log/qtmessages.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kStopped = 0;
constexpr int kFailed = 1;
constexpr int kWrongSetting = 2;
constexpr std::chrono::seconds kStopTime{ 10 }; // without the drain: what is queued for the store

/// What tokens are to be judged by according to the settings as they are now: files and .env may have changed, the
/// environment has not. A secret that is gone is not made anew: that would turn away everybody.
Result<JwtRules> readRules(const QStringList &arguments)
{
    Result<LoadedSettings> loaded
        = readSettings(arguments, QProcessEnvironment::systemEnvironment(), QDir::currentPath());
    if (!loaded)
        return loaded.error();
    if (const Status added = loaded->settings.jwtKeys.empty() ? addKeptKey(loaded->settings) : ok(); !added)
        return added.error();
    return jwtRulesOf(loaded->settings);
}

void logDoubts(const LoadedSettings &loaded, Log &log)
{
    for (const QString &warning : loaded.warnings)
        log.log(LogLevel::Warning, "setting"_L1, { { "detail"_L1, warning } });
    if (loaded.hasMadeSecret)
        log.log(LogLevel::Warning, "secret_made"_L1,
            { { "file"_L1, secretPath(loaded.settings.stateDir) },
                { "detail"_L1,
                    u"JWT_SECRET is not set, so a secret was made: only tokens that it signs are accepted"_s } });
}

int end(Application &server, const Settings &settings, Logger &log)
{
    if (server.finish()) {
        giveStateToOwner(settings.stateDir); // what has been made since the start
        return kStopped;
    }
    log.log(LogLevel::Error, "state_file_abandoned"_L1,
        { { "detail"_L1, u"the disk of the state file does not answer: what is not stored yet is lost"_s } });
    log.flush();
    std::_Exit(kFailed); // a thread is stuck in the kernel, and nothing that it uses can be taken down
}

/// Whoever has started the server may send clients.
void announce(Application &server, SystemdNotifier &systemd, Logger &log)
{
    log.flush(); // whoever waits for the next line finds what the start had to say
    std::printf("listening on %s\n", qUtf8Printable(server.url()));
    std::fflush(stdout);
    systemd.ready([&server](std::function<void()> answered) { server.askWorkers(std::move(answered)); });
}

bool isStderrJournal()
{
    return isJournal(STDERR_FILENO, qgetenv("JOURNAL_STREAM"));
}

int fail(const Error &error, int exitCode)
{
    const char *const prefix = isStderrJournal() ? journalPrefix(LogLevel::Error).data() : "";
    std::fprintf(stderr, "%sgatehouse serve: %s\n", prefix, qUtf8Printable(error.message));
    return exitCode;
}

/// The journal takes the priority off each line: without it every line would be as important as every other.
LogFormat formatOf(const Settings &settings)
{
    return settings.logFormat == LogFormat::Text && isStderrJournal() ? LogFormat::Journal : settings.logFormat;
}

} // namespace

int runServe(const QStringList &arguments)
{
    Result<LoadedSettings> loaded
        = readSettings(arguments, QProcessEnvironment::systemEnvironment(), QDir::currentPath());
    if (!loaded)
        return fail(loaded.error(), kWrongSetting);
    Result<InheritedSockets> inherited = InheritedSockets::take();
    if (!inherited)
        return fail(inherited.error(), kFailed);
    if (Status status = prepareState(*loaded); !status)
        return fail(status.error(), kFailed);
    const Settings &settings = loaded->settings;

    SignalWatcher signalWatcher; // before any thread is started
    SystemdNotifier systemd;
    const SystemClock clock;
    Logger log(clock, { settings.logLevel, formatOf(settings) }, descriptorSink(STDERR_FILENO));
    const QtMessageRoute qtMessages(log);
    logDoubts(*loaded, log);

    StartWatch startWatch(signalWatcher, systemd, clock, log);
    Result<std::unique_ptr<Application>> application = Application::start(settings, std::move(inherited).value(), clock,
        log, [&startWatch](const ReadingProgress &progress) { return startWatch.observe(progress); });
    if (!application) {
        log.flush();
        if (application.error().field == storeerrors::kStopped)
            return kStopped; // as it was asked to
        return fail(application.error(), kFailed);
    }
    giveStateToOwner(settings.stateDir); // the state file, if it has been made just now
    if (!loaded->envFile.isEmpty())
        log.log(LogLevel::Info, "settings_read"_L1, { { "file"_L1, loaded->envFile } });
    Application &server = **application;
    QObject::connect(&signalWatcher, &SignalWatcher::stopRequested, &systemd,
        [&systemd, window = settings.drainWindow] { systemd.stopping(window + kStopTime); });
    QObject::connect(&signalWatcher, &SignalWatcher::stopRequested, &server, &Application::stop);
    QObject::connect(&signalWatcher, &SignalWatcher::reloadRequested, &server, [&server, &systemd, &arguments] {
        systemd.reloading();
        server.reloadKeys(readRules(arguments));
        systemd.reloaded();
    });
    QObject::connect(
        &server, &Application::stopped, QCoreApplication::instance(), &QCoreApplication::quit, Qt::QueuedConnection);
    server.whenJoined([&server, &systemd, &log] { announce(server, systemd, log); });
    QCoreApplication::exec();
    return end(server, settings, log);
}

} // namespace gatehouse
