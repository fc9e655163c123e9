// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/cli/options.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

const std::vector<OptionDescriptor> kOptions{
    { u"--user"_s, u"ID"_s, u"The user."_s, false, true },
    { u"--group"_s, u"NAME"_s, u"A group."_s, true },
    { u"--json"_s, {}, u"As JSON."_s },
};

} // namespace

class TestOptions final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsBothForms();
    void leavesTheRestInOrder();
    void errorsNameTheFlag_data();
    void errorsNameTheFlag();
};

void TestOptions::readsBothForms()
{
    const auto options
        = Options::parse({ u"--user"_s, u"42"_s, u"--group=a"_s, u"--group"_s, u"b=c"_s, u"--json"_s }, kOptions);
    QVERIFY(options.isOk());
    QCOMPARE(options->value(u"--user"_s), u"42"_s);
    QCOMPARE(options->values(u"--group"_s), QStringList({ u"a"_s, u"b=c"_s }));
    QVERIFY(options->has(u"--json"_s));
    QVERIFY(options->rest().isEmpty());
    QVERIFY(!Options::parse({ u"--user=1"_s }, kOptions)->value(u"--group"_s));
}

void TestOptions::leavesTheRestInOrder()
{
    const auto options = Options::parse({ u"--listen"_s, u":1"_s, u"--user=1"_s, u"--debug"_s, u"stray"_s }, kOptions);
    QVERIFY(options.isOk());
    QCOMPARE(options->rest(), QStringList({ u"--listen"_s, u":1"_s, u"--debug"_s, u"stray"_s }));
}

void TestOptions::errorsNameTheFlag_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("missing") << QStringList() << u"--user ID is missing"_s;
    QTest::newRow("no value") << QStringList{ u"--user"_s } << u"--user needs a value (ID)"_s;
    QTest::newRow("flag as value") << QStringList{ u"--user"_s, u"--json"_s } << u"--user needs a value (ID)"_s;
    QTest::newRow("empty") << QStringList{ u"--user"_s, QString() } << u"--user is empty"_s;
    QTest::newRow("empty joined") << QStringList{ u"--user="_s } << u"--user is empty"_s;
    QTest::newRow("twice") << QStringList{ u"--user=1"_s, u"--user=2"_s } << u"--user is given twice"_s;
    QTest::newRow("switch with value") << QStringList{ u"--user=1"_s, u"--json=yes"_s } << u"--json takes no value"_s;
}

void TestOptions::errorsNameTheFlag()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const auto options = Options::parse(arguments, kOptions);
    QVERIFY(!options.isOk());
    QCOMPARE(options.error().message, message);
}

QTEST_APPLESS_MAIN(TestOptions)
#include "tst_options.moc"
