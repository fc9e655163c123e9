// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/knownparameters.h"

#include <algorithm>
#include <set>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kShownNameChars = 32; // enough to find it, and less than a token that stands there without a name

bool isAmong(const KnownNames &known, const QString &name)
{
    return std::any_of(known.begin(), known.end(), [&name](QLatin1StringView each) { return each == name; });
}

QString listOf(const KnownNames &known)
{
    QStringList names;
    for (const QLatin1StringView name : known)
        names.append(name);
    return names.isEmpty() ? u"none is taken here"_s : u"taken here: "_s + names.join(u", "_s);
}

} // namespace

std::optional<Error> judgeParameters(const HttpRequest &request, const KnownNames &known)
{
    std::set<QByteArray> seen;
    for (const auto &[bytes, value] : request.query) {
        if (bytes.isEmpty() && value.isEmpty())
            continue; // what "?" and "&&" leave
        const QString name = QString::fromUtf8(bytes).left(kShownNameChars);
        if (!isAmong(known, name))
            return Error{ u"there is no parameter \"%1\"; %2"_s.arg(name, listOf(known)), name };
        if (!seen.insert(bytes).second)
            return Error{ u"the parameter %1 stands in the query twice"_s.arg(name), name };
    }
    return std::nullopt;
}

std::optional<Error> judgeMembers(const QJsonObject &object, const KnownNames &known)
{
    for (const QString &key : object.keys()) {
        if (isAmong(known, key))
            continue;
        const QString name = key.left(kShownNameChars);
        return Error{ u"there is no member \"%1\"; %2"_s.arg(name, listOf(known)), name };
    }
    return std::nullopt;
}

} // namespace gatehouse
