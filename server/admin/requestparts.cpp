// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/requestparts.h"

#include <QtCore/QJsonDocument>

#include "server/control/controllog.h"
#include "shared/util/isotime.h"
#include "shared/util/jsondepth.h"
#include "shared/util/jsonkeys.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Result<QJsonObject> jsonBody(const HttpRequest &request, bool mayBeEmpty)
{
    if (request.body.trimmed().isEmpty() && mayBeEmpty)
        return QJsonObject();
    if (isNestedDeeper(request.body))
        return Error{ u"the body nests deeper than %1 levels"_s.arg(kMaxJsonDepth), {} };
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(request.body, &error);
    if (document.isNull())
        return Error{ u"the body is not JSON: %1 at byte %2"_s.arg(error.errorString()).arg(error.offset), {} };
    if (!document.isObject())
        return Error{ u"the body must be a JSON object"_s, {} };
    if (const std::optional<QString> name = findRepeatedKey(request.body))
        return Error{ u"the body has a member twice: \"%1\""_s.arg(name->left(64)), {} };
    return document.object();
}

Result<QString> noteOf(const QJsonObject &body)
{
    const QJsonValue note = body.value("note"_L1);
    if (note.isUndefined() || note.isNull())
        return QString();
    if (!note.isString() || note.toString().size() > kMaxNoteChars)
        return Error{ u"note must be text of at most %1 characters"_s.arg(kMaxNoteChars), u"note"_s };
    return note.toString();
}

Result<QString> noteOf(const HttpRequest &request)
{
    const Result<QJsonObject> body = jsonBody(request, true);
    return body ? noteOf(*body) : Result<QString>(body.error());
}

Result<int> numberParameter(const HttpRequest &request, const char *name, int defaultValue, int minimum, int maximum)
{
    const std::optional<QByteArray> text = request.queryValue(name);
    if (!text)
        return defaultValue;
    bool isNumber = false;
    const int number = text->toInt(&isNumber);
    const QString field = QString::fromLatin1(name);
    if (!isNumber || number < minimum || number > maximum)
        return Error{ u"%1 must be a whole number from %2 to %3"_s.arg(field).arg(minimum).arg(maximum), field };
    return number;
}

Result<std::optional<UtcTime>> timeParameter(const HttpRequest &request, const char *name)
{
    const std::optional<QByteArray> text = request.queryValue(name);
    if (!text)
        return std::optional<UtcTime>();
    const std::optional<UtcTime> time = parseIso(QString::fromUtf8(*text));
    const QString field = QString::fromLatin1(name);
    if (!time)
        return Error{ u"%1 must be an ISO 8601 time with a zone, as in 2025-11-10T12:00:00Z"_s.arg(field), field };
    return time;
}

QString textParameter(const HttpRequest &request, const char *name)
{
    return QString::fromUtf8(request.queryValue(name).value_or(QByteArray()));
}

QString nodeParameter(const HttpRequest &request)
{
    return textParameter(request, "node");
}

HttpResponse nodeNotFound(const QString &node)
{
    return notFound(u"there is no node named \"%1\""_s.arg(node.left(64)));
}

HttpResponse unprocessable(const QString &code, const std::vector<Error> &errors)
{
    Problem problem{ 422, code, u"Not allowed values"_s, errors.empty() ? QString() : errors.front().message };
    problem.fields = errors;
    return HttpResponse::problem(problem);
}

HttpResponse storeUnavailable(const Error &error)
{
    Problem problem{ 503, u"store_unavailable"_s, u"Service unavailable"_s, error.message };
    problem.retryAfterSeconds = kStoreRetrySeconds;
    return HttpResponse::problem(problem);
}

HttpResponse changeUnavailable(const Error &error)
{
    if (error.field != controlerrors::kUnavailable)
        return storeUnavailable(error);
    Problem problem{ 503, u"cluster_unavailable"_s, u"The cluster cannot be changed now"_s, error.message };
    problem.retryAfterSeconds = kClusterRetrySeconds;
    return HttpResponse::problem(problem);
}

std::function<void(const Status &)> answerRecorded(Responder respond, const QString &done)
{
    return [respond = std::move(respond), done](const Status &status) {
        respond(status
                ? HttpResponse::noContent()
                : storeUnavailable({ done + ", but that could not be recorded: "_L1 + status.error().message, {} }));
    };
}

HttpResponse notFound(const QString &detail)
{
    return HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, detail });
}

QJsonValue cursorValue(const QString &cursor)
{
    return cursor.isEmpty() ? QJsonValue() : QJsonValue(cursor);
}

} // namespace gatehouse
