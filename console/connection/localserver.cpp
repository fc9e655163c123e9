// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/localserver.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QProcessEnvironment>
#include <QtCore/QRegularExpression>
#include <QtCore/QStandardPaths>

#include "console/connection/childlife.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxOutput = 64 * 1024;
constexpr auto kStartTimeout = 15s;
constexpr int kStopTimeoutMillis = 5000;

/// The last line of what a program wrote: where it says what is wrong.
QString lastLine(const QByteArray &output)
{
    const QList<QByteArray> lines = output.trimmed().split('\n');
    return QString::fromUtf8(lines.last()).trimmed();
}

} // namespace

LocalServer::LocalServer(const QString &stateDirectory, const QString &program, QObject *parent)
    : QObject(parent)
    , m_claim(stateDirectory)
    , m_program(program.isEmpty() ? findProgram() : program)
{
    m_server.setProcessChannelMode(QProcess::MergedChannels);
    endWithParent(m_server);
    connect(&m_claim, &StateClaim::claimed, this, &LocalServer::launch);
    connect(&m_claim, &StateClaim::failed, this, &LocalServer::fail);
    m_startTimer.setSingleShot(true);
    m_startTimer.setInterval(kStartTimeout);
    connect(&m_startTimer, &QTimer::timeout, this, [this] { fail(tr("The local server did not start in time.")); });
    connect(&m_server, &QProcess::readyRead, this, &LocalServer::readServerOutput);
    connect(&m_server, &QProcess::finished, this, &LocalServer::serverFinished);
    connect(&m_server, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            fail(tr("%1 cannot be started: %2").arg(m_program, m_server.errorString()));
    });
    connect(&m_tokenProcess, &QProcess::finished, this, &LocalServer::tokenFinished);
    connect(&m_tokenProcess, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            fail(tr("%1 cannot be started: %2").arg(m_program, m_tokenProcess.errorString()));
    });
}

LocalServer::~LocalServer()
{
    m_server.disconnect(this);
    m_tokenProcess.disconnect(this);
    for (QProcess *process : { &m_tokenProcess, &m_server }) {
        if (process->state() == QProcess::NotRunning)
            continue;
        process->terminate();
        if (!process->waitForFinished(kStopTimeoutMillis)) {
            process->kill();
            process->waitForFinished(kStopTimeoutMillis);
        }
    }
}

QString LocalServer::findProgram()
{
    const QString beside = QDir(QCoreApplication::applicationDirPath()).filePath(u"gatehouse"_s);
    return QFileInfo(beside).isExecutable() ? beside : QStandardPaths::findExecutable(u"gatehouse"_s);
}

bool LocalServer::isRunning() const
{
    return m_server.state() != QProcess::NotRunning;
}

QProcessEnvironment LocalServer::childEnvironment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"LISTEN"_s, u"127.0.0.1:0"_s);
    environment.insert(u"STATE_DIR"_s, m_claim.directory());
    environment.insert(u"LOG_FORMAT"_s, u"text"_s);
    return environment;
}

void LocalServer::start()
{
    if (isRunning() || m_isStarting)
        return;
    m_isStarting = true;
    m_isStopping = false;
    m_output.clear();
    m_url.clear();
    if (m_program.isEmpty()) {
        const QString message = tr("There is no program “gatehouse” beside the console or in PATH.");
        QMetaObject::invokeMethod(
            this, [this, message] { fail(message); }, Qt::QueuedConnection);
        return;
    }
    m_claim.claim();
}

void LocalServer::launch()
{
    if (!m_isStarting) { // it was not to be started after all
        m_claim.release();
        return;
    }
    m_server.setProcessEnvironment(childEnvironment());
    m_server.setWorkingDirectory(m_claim.directory());
    m_startTimer.start();
    m_server.start(m_program, { u"serve"_s }, QIODevice::ReadOnly);
}

void LocalServer::stop()
{
    if (isRunning()) {
        m_isStopping = true;
        m_server.terminate();
    } else {
        m_isStarting = false;
    }
}

void LocalServer::readServerOutput()
{
    // Read on after the start too: a full pipe would stop the server.
    m_output += m_server.readAll();
    m_output = m_output.right(kMaxOutput);
    if (!m_isStarting || !m_url.isEmpty())
        return;
    static const QRegularExpression kListening(u"listening on\\W+(?:https?://)?([0-9.]+|\\[[0-9a-fA-F:]+\\]):(\\d+)"_s,
        QRegularExpression::CaseInsensitiveOption);
    const QRegularExpressionMatch match = kListening.match(QString::fromUtf8(m_output));
    if (!match.hasMatch())
        return;
    m_url = QUrl(u"http://%1:%2"_s.arg(match.captured(1), match.captured(2)));
    requestToken();
}

void LocalServer::requestToken()
{
    m_tokenProcess.setProcessEnvironment(childEnvironment());
    m_tokenProcess.setWorkingDirectory(m_claim.directory());
    m_tokenProcess.start(m_program,
        { u"token"_s, u"--user"_s, u"console"_s, u"--role"_s, u"admin"_s, u"--expires"_s, u"30d"_s },
        QIODevice::ReadOnly);
}

void LocalServer::tokenFinished(int exitCode, QProcess::ExitStatus status)
{
    if (!m_isStarting)
        return;
    static const QRegularExpression kToken(u"[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+"_s);
    const QRegularExpressionMatch match = kToken.match(QString::fromUtf8(m_tokenProcess.readAllStandardOutput()));
    if (exitCode != 0 || status != QProcess::NormalExit || !match.hasMatch()) {
        fail(tr("The local server made no token: %1").arg(lastLine(m_tokenProcess.readAllStandardError())));
        return;
    }
    m_isStarting = false;
    m_startTimer.stop();
    Q_EMIT started(m_url, match.captured());
}

void LocalServer::serverFinished(int exitCode, QProcess::ExitStatus status)
{
    readServerOutput();
    if (m_isStarting && !m_isStopping) {
        fail(tr("The local server ended at once: %1").arg(lastLine(m_output)));
        return;
    }
    m_isStarting = false;
    m_startTimer.stop();
    m_claim.release();
    if (!m_isStopping) {
        const QString how = status == QProcess::CrashExit ? tr("it crashed") : tr("exit code %1").arg(exitCode);
        Q_EMIT failed(tr("The local server ended unexpectedly (%1): %2").arg(how, lastLine(m_output)));
    }
    Q_EMIT stopped();
}

void LocalServer::fail(const QString &message)
{
    if (!m_isStarting)
        return;
    m_isStarting = false;
    m_isStopping = true;
    m_startTimer.stop();
    if (isRunning())
        m_server.terminate();
    else
        m_claim.release();
    Q_EMIT failed(message);
}

} // namespace gatehouse
