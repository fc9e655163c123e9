// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "shared/util/jsondepth.h"

using namespace gatehouse;

class TestJsonDepth final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void depthIsExact();
    void depth_data();
    void depth();
};

void TestJsonDepth::depthIsExact()
{
    for (int depth = 1; depth < 40; ++depth) {
        const QByteArray json = QByteArray(R"({"a":)").repeated(depth) + "1" + QByteArray(depth, '}');
        QCOMPARE(isNestedDeeper(json, 32), depth > 32);
    }
}

void TestJsonDepth::depth_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<bool>("isDeeper");
    const auto row
        = [](const char *tag, const QByteArray &json, bool isDeeper) { QTest::newRow(tag) << json << isDeeper; };
    row("empty", "", false);
    row("deep", QByteArray(1000, '[') + QByteArray(1000, ']'), true);
    row("never closed", QByteArray(1000, '{'), true);
    row("wide", "[" + QByteArray("[],").repeated(1000) + "[]]", false);
    row("brackets in text", '"' + QByteArray(1000, '[') + '"', false);
    row("brackets after an escaped quote", R"("\")" + QByteArray(1000, '{') + '"', false);
    row("an escaped backslash ends the text", R"("\\")" + QByteArray(33, '['), true);
    row("more closed than opened", "]]]}}}[[]]", false);
    row("cut off after a backslash", R"("\)", false);
}

void TestJsonDepth::depth()
{
    QFETCH(const QByteArray, json);
    QFETCH(const bool, isDeeper);
    QCOMPARE(isNestedDeeper(json, 32), isDeeper);
}

QTEST_GUILESS_MAIN(TestJsonDepth)
#include "tst_jsondepth.moc"
