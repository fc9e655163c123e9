// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>

#include <QtCore/QAbstractTableModel>

#include "shared/util/clock.h"

namespace gatehouse {

/// One call to the admin API. Holds no token.
struct CallRecord
{
    UtcTime at{};
    QString method; ///< "WS" for the live stream
    QString path;   ///< with its query
    int status = 0; ///< HTTP; 0 if there was no answer
    std::chrono::milliseconds duration{};
    QString error; ///< empty if it went well
    QString curl;  ///< the same call as a command line, the token as $TOKEN
};

/// The newest calls, newest first, for the Log page. Bounded.
class CallLog final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CallLog)

public:
    enum Column
    {
        TimeColumn,
        MethodColumn,
        PathColumn,
        StatusColumn,
        DurationColumn,
        ErrorColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1, ///< how many calls there were when it was recorded
        CurlRole
    };
    static constexpr size_t kMaxRecords = 1000;

    explicit CallLog(QObject *parent = nullptr);

    void record(CallRecord call);
    void clear();
    [[nodiscard]] const CallRecord &at(int row) const { return m_calls[size_t(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::deque<CallRecord> m_calls;
    qint64 m_recorded = 0; ///< all that ever were
};

/// The command line that makes a call; the body is quoted for a POSIX shell.
[[nodiscard]] QString curlCommand(
    const QString &method, const QString &url, const QByteArray &body, const QString &ifMatch);

} // namespace gatehouse
