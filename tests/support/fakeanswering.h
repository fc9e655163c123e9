// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QtCore/QMetaObject>
#include <QtCore/QPointer>
#include <QtCore/QStringList>

#include "console/connection/apiresult.h"
#include "shared/protocol/problem.h"

namespace gatehouse {

/// How a FakeAdminClient answers: through the event loop, with what it was given or with `failure`, at once or on
/// releaseAnswers().
class FakeAnswering
{
public:
    QStringList calls;              ///< "patchLimits", "fetchConnections filter=… sort=-…", …
    std::optional<Problem> failure; ///< every call fails with it while it is set
    bool holdsAnswers = false;

    /// Sends what was held back.
    void releaseAnswers()
    {
        for (const auto &answer : std::exchange(m_held, {}))
            answer();
    }

protected:
    explicit FakeAnswering(QObject *self)
        : m_self(self)
    {
    }

    template <typename T> void answer(const QString &call, QObject *context, const ApiCallback<T> &done, T value)
    {
        calls << call;
        post<T>(context, done, failure ? ApiResult<T>(*failure) : ApiResult<T>(std::move(value)));
    }
    template <typename T> void post(QObject *context, const ApiCallback<T> &done, const ApiResult<T> &result)
    {
        const QPointer<QObject> guard(context);
        auto send = [guard, done, result] {
            if (guard)
                done(result);
        };
        if (holdsAnswers)
            m_held.push_back(send);
        else
            QMetaObject::invokeMethod(m_self, send, Qt::QueuedConnection);
    }

private:
    QObject *m_self;
    std::vector<std::function<void()>> m_held;
};

} // namespace gatehouse
