// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QProcess>
#include <QtCore/QTimer>
#include <QtCore/QUrl>

#include "console/connection/stateclaim.h"

namespace gatehouse {

/// A `gatehouse serve` of our own, as a child process on a free loopback port: for `--local` and File → Start local
/// server. Ends with this object, and with the console, however that ends. Each console has a server of its own. GUI
/// thread; nothing blocks but the destructor, for at most a few seconds.
class LocalServer final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LocalServer)

public:
    /// `program` is the gatehouse executable; empty: the one beside the console, else the one in PATH. `stateDirectory`
    /// is where the server keeps its secret and database; created when missing. Another one is taken beside it while
    /// another console uses it (StateClaim).
    explicit LocalServer(const QString &stateDirectory, const QString &program = {}, QObject *parent = nullptr);
    ~LocalServer() override;

    /// Answers with started() or failed().
    void start();
    /// Asks it to end (SIGTERM); answers with stopped().
    void stop();
    [[nodiscard]] bool isRunning() const;

    /// Where the executable is, or an empty string.
    [[nodiscard]] static QString findProgram();

Q_SIGNALS:
    /// It listens; the token has the role admin.
    void started(const QUrl &url, const QString &token);
    /// A sentence in the user's language that says what went wrong.
    void failed(const QString &message);
    void stopped();

private:
    void launch();
    void readServerOutput();
    void requestToken();
    void fail(const QString &message);
    void serverFinished(int exitCode, QProcess::ExitStatus status);
    void tokenFinished(int exitCode, QProcess::ExitStatus status);
    [[nodiscard]] QProcessEnvironment childEnvironment() const;

    StateClaim m_claim;
    QString m_program;
    QProcess m_server;
    QProcess m_tokenProcess;
    QTimer m_startTimer;
    QByteArray m_output; ///< the end of what the server wrote
    QUrl m_url;
    bool m_isStarting = false;
    bool m_isStopping = false;
};

} // namespace gatehouse
