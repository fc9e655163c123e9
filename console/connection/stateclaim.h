// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QLockFile>
#include <QtCore/QObject>
#include <QtCore/QTimer>

namespace gatehouse {

/// Finds a state directory that a local server can be started on, whatever was left there: takes the first that no
/// other running console has, and ends a server that a killed console left behind. Where that does not end, the next
/// directory is taken: "local-server", "local-server-2", … GUI thread; does not block.
class StateClaim final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StateClaim)

public:
    static constexpr int kMaxDirectories = 9;
    static constexpr std::chrono::milliseconds kPatience{ 5'000 }; ///< until it is ended at once; and then once more

    /// `firstDirectory` is made when it is missing.
    explicit StateClaim(const QString &firstDirectory, QObject *parent = nullptr);

    /// Answers, later, with claimed() or failed().
    void claim();
    /// Others may have it.
    void release();
    /// The directory; only while it is claimed.
    [[nodiscard]] const QString &directory() const { return m_directory; }

Q_SIGNALS:
    void claimed();
    /// A sentence in the user's language that says what went wrong.
    void failed(const QString &message);

private:
    void tryNext();
    void clearTheWay();

    QString m_firstDirectory;
    QString m_directory;
    std::unique_ptr<QLockFile> m_lock;
    QTimer m_timer;
    int m_number = 0; ///< of the directory that is tried
    int m_rounds = 0; ///< since it is waited for a server to end
};

} // namespace gatehouse
