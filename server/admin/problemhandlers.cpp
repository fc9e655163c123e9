// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"

#include <QtCore/QFile>
#include <QtCore/QHash>
#include <QtCore/QRegularExpression>

#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

/// The resources of a static library are not there by themselves. Outside any namespace, as Qt demands.
static void initServerResources()
{
    Q_INIT_RESOURCE(server);
}

namespace gatehouse {

namespace {

/// The page of each problem by its code: the sections of the documentation's page, as text that any browser shows.
QHash<QString, QByteArray> readPages()
{
    initServerResources();
    QFile file(u":/gatehouse/docs/problems.md"_s);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("problems.md is not part of this program");
    static const QRegularExpression link(uR"(\[([^\]]+)\]\([^)]*\))"_s); // to other pages of the documentation
    const QString text = QString::fromUtf8(file.readAll()).replace(link, u"\\1"_s).remove(u"**"_s);
    QHash<QString, QByteArray> pages;
    for (const QString &section : text.split(u"\n## "_s).sliced(1)) {
        const qsizetype end = section.indexOf(u'\n');
        const QString code = section.left(end);
        pages.insert(code, (code + u"\n\n"_s + section.mid(end).trimmed() + u'\n').toUtf8());
    }
    return pages;
}

} // namespace

std::vector<Route> problemRoutes(const AdminDependencies &)
{
    return {
        { "GET", paths::kProblem, std::nullopt, { .isForProbes = true },
            [pages = readPages()](const AdminRequest &request, const Responder &respond) {
                const QString code = request.parameters.value("code"_L1);
                const auto page = pages.constFind(code);
                respond(page != pages.cend() ? HttpResponse::text(*page)
                                             : notFound(u"there is no problem \"%1\""_s.arg(code.left(64))));
            } },
    };
}

} // namespace gatehouse
