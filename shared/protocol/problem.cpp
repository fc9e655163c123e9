// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"

#include <QtCore/QJsonArray>

#include "shared/protocol/apipaths.h"
#include "shared/util/compactjson.h"
#include "shared/util/jsontext.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

std::optional<qint64> optionalInteger(const QJsonObject &object, QLatin1StringView name)
{
    const QJsonValue value = object.value(name);
    return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
}

} // namespace

QByteArray Problem::toText() const
{
    JsonText text;
    text.add("type", problemType(code))
        .add("title", title)
        .add("status", status)
        .add("detail", detail)
        .add("code", code);
    if (!instance.isEmpty())
        text.add("instance", instance);
    if (!guard.isEmpty())
        text.add("guard", guard);
    if (limit)
        text.add("limit", *limit);
    if (observed)
        text.add("observed", *observed);
    if (retryAfterSeconds)
        text.add("retry_after", *retryAfterSeconds);
    if (!fields.empty()) {
        QJsonArray errors;
        for (const Error &error : fields)
            errors.append(QJsonObject{ { "field"_L1, error.field }, { "detail"_L1, error.message } });
        text.addRaw("errors", compactJson(errors));
    }
    return text.take();
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
    return paths::kProblems + code;
}

} // namespace gatehouse
