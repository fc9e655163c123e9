// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

#include <QtCore/QObject>

#include "server/admin/adminapi.h"
#include "server/app/inheritedsockets.h"
#include "server/auth/jwtclaims.h"
#include "server/config/settings.h"
#include "server/guard/reconnectgrants.h"
#include "server/log/log.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

/// The composition root of `gatehouse serve`: makes every part, wires them by their constructors, and takes them down
/// in the right order. Lives on the main thread.
class Application final : public QObject
{
    Q_OBJECT
public:
    /// Opens the state, starts the workers and listens: on the inherited sockets, where there are any, in place of what
    /// the settings say. The error is one sentence for the person who started it. `clock` and `log` outlive the
    /// application. `watch` is told while a large state file is being read, and may end that: an error of the field
    /// kStopped.
    [[nodiscard]] static Result<std::unique_ptr<Application>> start(
        const Settings &settings, InheritedSockets inherited, const Clock &clock, Log &log, const ReadingWatch &watch);
    ~Application() override;
    Q_DISABLE_COPY_MOVE(Application)

    /// "http://127.0.0.1:8080", with the port that was really taken.
    [[nodiscard]] QString url() const;
    /// Calls back, on the main thread, when it has joined the other nodes, or has found that it cannot; alone at once.
    void whenJoined(std::function<void()> joined);
    /// Calls back, on the main thread, when every worker has shown that it is not stuck.
    void askWorkers(std::function<void()> answered);
    /// Lets no clients in any more and tells those there are to come back, spread over the time that they need, at most
    /// DRAIN_SECONDS; then stopped(). What is connected, and HTTP, are served until then. A second call waits for no
    /// client any more.
    void stop();
    /// The last thing, after stopped(): has everything stored that is to be. False if the disk does not answer: then
    /// nothing can be taken down in order any more, and the process is to end as it is.
    [[nodiscard]] bool finish();
    /// From now on tokens are judged by these rules, on every worker and by the admin API; an error instead of them is
    /// logged and changes nothing. Open connections stay as they are, also those whose key is gone: their next token is
    /// judged by the new rules.
    void reloadKeys(const Result<JwtRules> &rules);

Q_SIGNALS:
    void stopped();

private:
    struct Parts;
    Application(const Settings &settings, const Clock &clock, Log &log);
    [[nodiscard]] Status build(InheritedSockets inherited, const ReadingWatch &watch);
    [[nodiscard]] Status openState(const ReadingWatch &watch);
    void startWorkers();
    void wire();
    void serve();
    void spareNextTime(ClientCounts counts);
    [[nodiscard]] Readiness readiness() const;

    const Settings m_settings;
    const Clock &m_clock;
    Log &m_log;
    std::atomic<bool> m_isDraining{ false };
    bool m_isFinishing = false;
    QObject m_anchor; ///< what calls from other threads are posted to; outlives every part
    std::unique_ptr<Parts> m_parts;
};

} // namespace gatehouse
