// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"

#include <QtCore/QJsonArray>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

std::optional<qint64> optionalInteger(const QJsonObject &object, QLatin1StringView name)
{
    const QJsonValue value = object.value(name);
    return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
}

} // namespace

QJsonObject Problem::toJson() const
{
    QJsonObject object {
        { "type"_L1, problemType(code) },
        { "title"_L1, title },
        { "status"_L1, status },
        { "detail"_L1, detail },
        { "code"_L1, code },
    };
    if (!instance.isEmpty())
        object.insert("instance"_L1, instance);
    if (!guard.isEmpty())
        object.insert("guard"_L1, guard);
    if (limit)
        object.insert("limit"_L1, *limit);
    if (observed)
        object.insert("observed"_L1, *observed);
    if (retryAfterSeconds)
        object.insert("retry_after"_L1, *retryAfterSeconds);
    if (!fields.empty()) {
        QJsonArray errors;
        for (const Error &error : fields)
            errors.append(QJsonObject { { "field"_L1, error.field }, { "detail"_L1, error.message } });
        object.insert("errors"_L1, errors);
    }
    return object;
}

Problem Problem::fromJson(const QJsonObject &object, int status)
{
    Problem problem;
    problem.status = status;
    problem.code = object.value("code"_L1).toString();
    problem.title = object.value("title"_L1).toString();
    problem.detail = object.value("detail"_L1).toString();
    problem.instance = object.value("instance"_L1).toString();
    problem.guard = object.value("guard"_L1).toString();
    problem.limit = optionalInteger(object, "limit"_L1);
    problem.observed = optionalInteger(object, "observed"_L1);
    problem.retryAfterSeconds = optionalInteger(object, "retry_after"_L1);
    for (const QJsonValue &entry : object.value("errors"_L1).toArray()) {
        const QJsonObject error = entry.toObject();
        problem.fields.push_back({ error.value("detail"_L1).toString(), error.value("field"_L1).toString() });
    }
    return problem;
}

QString problemType(QStringView code)
{
    return "urn:gatehouse:problem:"_L1 + code;
}

} // namespace gatehouse
