// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the OpenAPI file against the table of routes: what is served is described, and nothing else.
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

#include "server/channel/channelrequests.h"
#include "shared/alerts/alertruledescriptor.h"
#include "shared/protocol/notification.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// One operation of the file.
struct Operation
{
    QString method;
    QString path;
    QJsonObject pathItem;
    QJsonObject object;

    [[nodiscard]] QString name() const { return method + u' ' + path; }
    [[nodiscard]] QJsonValue exampleBody() const
    {
        return object["requestBody"_L1]["content"_L1]["application/json"_L1]["example"_L1];
    }
};

QString nameOf(const Route &route)
{
    return QString::fromLatin1(route.method) + u' ' + route.pattern;
}

const QByteArray kEachBad("each parameter of the route with a bad value");

QByteArray eachBad(const Route &route)
{
    QByteArrayList items;
    for (const QLatin1StringView name : route.takes.query)
        items.append(QByteArray(name.data(), name.size()) + "=\xff");
    return '?' + items.join('&');
}

/// What the route takes of an object; any other text as it is.
QByteArray ofMembers(const Route &route, const QByteArray &body)
{
    QJsonObject object = QJsonDocument::fromJson(body).object();
    if (object.isEmpty() || route.takes.body == Takes::Body::ByHandler)
        return body;
    for (const QString &name : object.keys()) {
        const KnownNames &known = route.takes.members;
        if (std::none_of(known.begin(), known.end(), [&name](QLatin1StringView each) { return each == name; }))
            object.remove(name);
    }
    return QJsonDocument(object).toJson();
}

QStringList sorted(const KnownNames &names)
{
    QStringList list(names.begin(), names.end());
    list.sort();
    return list;
}

/// Every "$ref" below a value.
QStringList referencesIn(const QJsonValue &value)
{
    QStringList found;
    if (value.isArray()) {
        for (const QJsonValue &entry : value.toArray())
            found += referencesIn(entry);
    }
    const QJsonObject object = value.toObject();
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (member.key() == "$ref"_L1)
            found += member.value().toString();
        else
            found += referencesIn(member.value());
    }
    return found;
}

} // namespace

class TestOpenApi : public QObject
{
    Q_OBJECT

private:
    QJsonObject m_document;
    std::vector<Operation> m_operations;

    /// What a "$ref" points to; undefined if there is nothing.
    QJsonValue resolve(const QString &reference) const
    {
        QJsonValue value = m_document;
        for (const QString &step : reference.mid(2).split(u'/'))
            value = value.toObject().value(step);
        return value;
    }
    /// Parameters and answers are written in place, or are references to shared ones.
    QJsonObject followed(const QJsonValue &value) const
    {
        const QString reference = value["$ref"_L1].toString();
        return reference.isEmpty() ? value.toObject() : resolve(reference).toObject();
    }
    const Operation &operationOf(const Route &route) const
    {
        const auto found = std::find_if(m_operations.begin(), m_operations.end(),
            [&route](const Operation &operation) { return operation.name() == nameOf(route); });
        if (found == m_operations.end())
            qFatal("%s is not described", qPrintable(nameOf(route)));
        return *found;
    }
    QStringList queryOf(const Operation &operation) const
    {
        QStringList names;
        for (const QJsonValue &list : { operation.object["parameters"_L1], operation.pathItem["parameters"_L1] }) {
            for (const QJsonValue &entry : list.toArray()) {
                if (const QJsonObject parameter = followed(entry); parameter["in"_L1].toString() == "query"_L1)
                    names.append(parameter["name"_L1].toString());
            }
        }
        names.sort();
        return names;
    }
    /// Why an answer is none of those that the file describes; empty if it is.
    QString objection(const Operation &operation, const HttpResponse &response) const
    {
        const QString status = QString::number(response.status);
        const QJsonValue described = operation.object["responses"_L1][status];
        if (described.isUndefined())
            return operation.name() + " may answer "_L1 + status + ", says the server alone"_L1;
        const QJsonObject content = followed(described)["content"_L1].toObject();
        const QString type = QString::fromLatin1(response.contentType).section(u';', 0, 0);
        if (type.isEmpty() ? !content.isEmpty() : !content.contains(type))
            return operation.name() + " answers "_L1 + status + " as "_L1 + type;
        return {};
    }

private Q_SLOTS:
    void initTestCase()
    {
        QFile file(QStringLiteral(GATEHOUSE_OPENAPI));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        QJsonParseError error;
        m_document = QJsonDocument::fromJson(file.readAll(), &error).object();
        QVERIFY2(error.error == QJsonParseError::NoError, qPrintable(error.errorString()));
        const QJsonObject paths = m_document["paths"_L1].toObject();
        for (auto path = paths.begin(); path != paths.end(); ++path) {
            const QJsonObject item = path.value().toObject();
            for (auto member = item.begin(); member != item.end(); ++member) {
                if (member.key() != "parameters"_L1)
                    m_operations.push_back({ member.key().toUpper(), path.key(), item, member.value().toObject() });
            }
        }
    }

    void isOfThisVersion()
    {
        QVERIFY(m_document["openapi"_L1].toString().startsWith(u"3.1."));
        QCOMPARE(m_document["info"_L1]["version"_L1].toString(), QStringLiteral(GATEHOUSE_VERSION));
    }

    void describesEveryRouteAndNoOther()
    {
        AdminFixture fixture;
        QStringList served;
        for (const Route &route : fixture.api->routes())
            served.append(nameOf(route));
        served += ChannelRequests::routes();
        QStringList described;
        for (const Operation &operation : m_operations)
            described.append(operation.name());
        served.sort();
        described.sort();
        for (const QString &name : served)
            qInfo("%s", qPrintable(name));
        QCOMPARE(described, served);
    }

    void namesTheRoleOfEveryRoute()
    {
        AdminFixture fixture;
        for (const Route &route : fixture.api->routes()) {
            const QJsonValue security = operationOf(route).object["security"_L1];
            QVERIFY2(security.isArray(), qPrintable(nameOf(route)));
            QCOMPARE(security.toArray().size(), route.needed ? 1 : 0);
            if (route.needed)
                QCOMPARE(security[0]["bearer"_L1][0].toString(), QString(roleName(*route.needed)));
        }
    }

    void describesEveryPartOfAPath()
    {
        static const QRegularExpression part(u"\\{(\\w+)\\}"_s);
        for (const Operation &operation : m_operations) {
            QStringList described;
            for (const QJsonValue &list : { operation.object["parameters"_L1], operation.pathItem["parameters"_L1] }) {
                for (const QJsonValue &entry : list.toArray()) {
                    const QJsonObject parameter = followed(entry);
                    QVERIFY2(!parameter["schema"_L1].isUndefined(), qPrintable(operation.name()));
                    if (parameter["in"_L1].toString() == "path"_L1)
                        described.append(parameter["name"_L1].toString());
                }
            }
            QStringList wanted;
            for (auto match = part.globalMatch(operation.path); match.hasNext();)
                wanted.append(match.next().captured(1));
            QCOMPARE(described, wanted);
        }
    }

    void namesEveryParameterAndMember()
    {
        AdminFixture fixture;
        int told = 0;
        for (const Route &route : fixture.api->routes()) {
            const Operation &operation = operationOf(route);
            QCOMPARE(queryOf(operation), sorted(route.takes.query));
            if (route.takes.body == Takes::Body::ByHandler)
                continue;
            QStringList members = followed(
                operation.object["requestBody"_L1]["content"_L1]["application/json"_L1]["schema"_L1])["properties"_L1]
                                      .toObject()
                                      .keys();
            QCOMPARE(members, sorted(route.takes.members));
            told += int(members.size());
        }
        QVERIFY(told > 5);
        for (const auto &[name, query] : ChannelRequests::queries()) {
            const auto found = std::find_if(m_operations.begin(), m_operations.end(),
                [&name = name](const Operation &operation) { return operation.name() == name; });
            QVERIFY2(found != m_operations.end(), qPrintable(name));
            QCOMPARE(queryOf(*found), sorted(query));
        }
    }

    void operationsAreTold()
    {
        QSet<QString> ids;
        for (const Operation &operation : m_operations) {
            QVERIFY2(!operation.object["summary"_L1].toString().isEmpty(), qPrintable(operation.name()));
            const QString id = operation.object["operationId"_L1].toString();
            QVERIFY2(!id.isEmpty() && !ids.contains(id), qPrintable(operation.name()));
            ids.insert(id);
        }
    }

    void everyReferenceLeadsSomewhere()
    {
        const QStringList references = referencesIn(m_document);
        QVERIFY(references.size() > 100);
        for (const QString &reference : references)
            QVERIFY2(reference.startsWith(u"#/") && resolve(reference).isObject(), qPrintable(reference));
        for (const QLatin1StringView kind : { "schemas"_L1, "parameters"_L1, "responses"_L1 }) {
            for (const QString &name : m_document["components"_L1][kind].toObject().keys()) {
                const bool isOfTheStream = name.startsWith(u"Live"); // no operation of HTTP refers to these
                QVERIFY2(
                    isOfTheStream || references.contains("#/components/"_L1 + kind + u'/' + name), qPrintable(name));
            }
        }
    }

    void tellsTheBoundsOfAlertRules()
    {
        double widest = 0;
        for (const char *schema : { "AlertRule", "AlertRulesEdit" }) {
            QJsonValue rule = m_document["components"_L1]["schemas"_L1][QString::fromLatin1(schema)];
            if (rule["properties"_L1]["rules"_L1].isObject())
                rule = rule["properties"_L1]["rules"_L1]["items"_L1];
            const QJsonValue properties = rule["properties"_L1];
            const QString told = properties["raise_above"_L1]["description"_L1].toString();
            for (const AlertRuleDescriptor &row : alertRuleDescriptors()) {
                const AlertBounds &threshold = row.bounds.threshold;
                widest = std::max(widest, threshold.maximum);
                const QString bound = u"`%1` %2"_s.arg(row.key, QString::number(threshold.maximum, 'g', 10));
                QVERIFY2(told.contains(bound), qPrintable(bound));
                QVERIFY(properties["key"_L1]["description"_L1].toString().contains(row.key));
                QCOMPARE(properties["for_seconds"_L1]["maximum"_L1].toDouble(), row.bounds.holdSeconds.maximum);
            }
            QCOMPARE(properties["raise_above"_L1]["maximum"_L1].toDouble(), widest);
            QCOMPARE(properties["clear_below"_L1]["maximum"_L1].toDouble(), widest);
        }
    }

    void theServerTakesTheExamples()
    {
        AdminFixture fixture;
        fixture.ask(
            "PATCH", "/api/admin/v1/limits", "admin", R"({"limits":{"max_connections":77}})", { { "if-match", "*" } });
        int tried = 0;
        for (const Route &route : fixture.api->routes()) {
            const Operation &operation = operationOf(route);
            if (operation.exampleBody().isUndefined())
                continue;
            const QByteArray body = QJsonDocument(operation.exampleBody().toObject()).toJson();
            const HttpResponse response
                = fixture.ask(route.method, AdminFixture::pathOf(route), "admin", body, { { "if-match", "*" } });
            QVERIFY2(response.status / 100 == 2, QByteArray(operation.name().toLatin1() + response.body).constData());
            QCOMPARE(objection(operation, response), QString());
            ++tried;
        }
        QCOMPARE(tried, 7);
        QVERIFY(parsePublishBody(fixture.published.at(0).body)); // which the fixture does not look at
    }

    void everyAnswerIsDescribed_data()
    {
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<QByteArray>("tag");
        QTest::newRow("good") << QByteArray("admin") << QByteArray() << QByteArray("{}") << QByteArray()
                              << QByteArray("*");
        QTest::newRow("no token") << QByteArray() << QByteArray() << QByteArray() << QByteArray() << QByteArray();
        QTest::newRow("bad token") << QByteArray("x") << QByteArray() << QByteArray() << QByteArray() << QByteArray();
        QTest::newRow("no role") << QByteArray("user") << QByteArray() << QByteArray() << QByteArray() << QByteArray();
        QTest::newRow("foreign page") << QByteArray("admin") << QByteArray() << QByteArray()
                                      << QByteArray("https://evil.example") << QByteArray();
        QTest::newRow("unknown parameter")
            << QByteArray("admin") << QByteArray("?lemons=1") << QByteArray() << QByteArray() << QByteArray("*");
        QTest::newRow("bad query") << QByteArray("admin") << kEachBad << QByteArray() << QByteArray() << QByteArray();
        QTest::newRow("csv") << QByteArray("viewer") << QByteArray("?format=csv") << QByteArray() << QByteArray()
                             << QByteArray();
        QTest::newRow("no JSON") << QByteArray("admin") << QByteArray() << QByteArray("[") << QByteArray()
                                 << QByteArray("*");
        QTest::newRow("no condition") << QByteArray("admin") << QByteArray() << QByteArray("{}") << QByteArray()
                                      << QByteArray();
        QTest::newRow("stale condition") << QByteArray("admin") << QByteArray()
                                         << QByteArray(R"({"limits":{"max_connections":5}})") << QByteArray()
                                         << QByteArray("\"99\"");
        QTest::newRow("bad values") << QByteArray("admin") << QByteArray()
                                    << QByteArray(R"({"limits":{"lemons":5},"rules":[{}],"enabled":true})")
                                    << QByteArray() << QByteArray("*");
    }
    void everyAnswerIsDescribed()
    {
        QFETCH(QByteArray, token);
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, origin);
        QFETCH(QByteArray, tag);
        std::vector<std::pair<QByteArray, QByteArray>> headers;
        if (!origin.isEmpty())
            headers.emplace_back("origin", origin);
        if (!tag.isEmpty())
            headers.emplace_back("if-match", tag);
        AdminFixture fixture; // bad tokens are limited: after the fifth every route answers 429
        for (const Route &route : fixture.api->routes()) {
            const QByteArray asked = query == kEachBad ? eachBad(route) : query;
            const HttpResponse response = fixture.ask(
                route.method, AdminFixture::pathOf(route) + asked, token, ofMembers(route, body), headers);
            QCOMPARE(objection(operationOf(route), response), QString());
        }
    }
};

QTEST_GUILESS_MAIN(TestOpenApi)
#include "tst_openapi.moc"
