// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

#include <QtTest/QTest>

#include "server/notify/cursor.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestCursor final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrip()
    {
        for (const qint64 sequence : { qint64(0), qint64(9), qint64(123456789), std::numeric_limits<qint64>::max() }) {
            for (const quint32 run : { 0U, 1U, 0xFFFFFFFFU }) {
                const QString text = encodeCursor({ run, sequence });
                QCOMPARE(decodeCursor(text), std::optional(Cursor{ run, sequence }));
                for (const QChar c : text)
                    QVERIFY(c.isLetterOrNumber() || c == u'-' || c == u'_'); // goes into a URL as it is
            }
        }
    }

    void refusesWhatItDidNotMake_data()
    {
        QTest::addColumn<QString>("text");
        const auto encoded = [](const char *plain) {
            return QString::fromLatin1(
                QByteArray(plain).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
        };
        QTest::newRow("empty") << QString();
        QTest::newRow("bare number") << u"5"_s;
        QTest::newRow("not base64") << u"%%%"_s;
        QTest::newRow("not Latin-1") << u"กกก"_s;
        QTest::newRow("padded") << encodeCursor({ 1, 10 }) + u"="_s;
        QTest::newRow("trailing text") << encodeCursor({ 1, 10 }) + u"x"_s;
        QTest::newRow("a megabyte") << QString(1024 * 1024, u'A');
        for (const char *plain :
            { "1:5", "3:1:5", "2:1", "2::5", "2:1:", "2:1:-5", "2:1:+5", "2:1: 5", "2:1:05", "2:1:5x", "2:A:5",
                "2:0a:5", "2:-1:5", "2:100000000:5", "2:1:99999999999999999999", "2:1:5:5", "2:x:5", "5" })
            QTest::newRow(plain) << encoded(plain);
    }
    void refusesWhatItDidNotMake()
    {
        QFETCH(const QString, text);
        QVERIFY(!decodeCursor(text));
    }
};

QTEST_APPLESS_MAIN(TestCursor)
#include "tst_cursor.moc"
