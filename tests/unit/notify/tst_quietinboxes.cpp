// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/notify/quietinboxes.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

QuietInbox quiet(qint64 sequence)
{
    return { sequence, sequence, 0 };
}

/// Reads an inbox while nothing changes.
void remember(QuietInboxes &inboxes, const QString &user, const QStringList &groups, const QuietInbox &inbox)
{
    inboxes.beginReading(user);
    inboxes.remember(user, groups, inbox);
}

} // namespace

class TestQuietInboxes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsNothingAtFirst()
    {
        const QuietInboxes inboxes;
        QVERIFY(!inboxes.find(u"42"_s, {}));
    }

    void remembersWhatWasRead()
    {
        QuietInboxes inboxes;
        remember(inboxes, u"42"_s, { u"staff"_s }, quiet(7));
        QCOMPARE(inboxes.find(u"42"_s, { u"staff"_s }), std::optional(quiet(7)));
        QVERIFY(!inboxes.find(u"43"_s, { u"staff"_s }));
    }

    void anotherTokenWithOtherGroupsIsAsked()
    {
        QuietInboxes inboxes;
        remember(inboxes, u"42"_s, { u"staff"_s }, quiet(7));
        QVERIFY(!inboxes.find(u"42"_s, {}));
        QVERIFY(!inboxes.find(u"42"_s, { u"staff"_s, u"night"_s }));
    }

    void forgets_data()
    {
        QTest::addColumn<Audience>("to");
        QTest::addColumn<bool>("isForgotten");
        QTest::newRow("to the user") << Audience(ToUsers{ { u"1"_s, u"42"_s } }) << true;
        QTest::newRow("to another user") << Audience(ToUsers{ { u"43"_s } }) << false;
        QTest::newRow("to a group of the user") << Audience(ToGroups{ { u"day"_s, u"night"_s } }) << true;
        QTest::newRow("to another group") << Audience(ToGroups{ { u"day"_s } }) << false;
        QTest::newRow("to all") << Audience(ToAll{}) << true;
    }
    void forgets()
    {
        QFETCH(Audience, to);
        QFETCH(bool, isForgotten);
        const QStringList groups{ u"staff"_s, u"night"_s };
        QuietInboxes inboxes;
        remember(inboxes, u"42"_s, groups, quiet(7));
        inboxes.published(to, 8);
        QCOMPARE(!inboxes.find(u"42"_s, groups), isForgotten);
        remember(inboxes, u"42"_s, groups, quiet(8)); // it was read since
        QCOMPARE(inboxes.find(u"42"_s, groups), std::optional(quiet(8)));
    }

    void whatChangedWhileItWasReadIsNotRemembered()
    {
        QuietInboxes inboxes;
        inboxes.beginReading(u"42"_s);
        inboxes.published(ToUsers{ { u"42"_s } }, 8);
        inboxes.remember(u"42"_s, {}, quiet(7)); // read as it was before
        QVERIFY(!inboxes.find(u"42"_s, {}));
        inboxes.beginReading(u"42"_s);
        inboxes.forget(u"42"_s); // marked as read
        inboxes.remember(u"42"_s, {}, quiet(8));
        QVERIFY(!inboxes.find(u"42"_s, {}));
        inboxes.beginReading(u"42"_s);
        inboxes.published(ToAll{}, 9);
        inboxes.remember(u"42"_s, {}, quiet(8));
        QVERIFY(!inboxes.find(u"42"_s, {}));
        inboxes.beginReading(u"42"_s);
        inboxes.published(ToUsers{ { u"43"_s } }, 10); // another's
        inboxes.remember(u"42"_s, {}, quiet(9));
        QVERIFY(inboxes.find(u"42"_s, {}));
    }

    void aReadingThatIsGivenUpSaysNothing()
    {
        QuietInboxes inboxes;
        inboxes.beginReading(u"42"_s);
        inboxes.giveUp(u"42"_s);
        inboxes.remember(u"42"_s, {}, quiet(7));
        QVERIFY(!inboxes.find(u"42"_s, {}));
    }

    void isBounded()
    {
        QuietInboxes inboxes;
        for (qsizetype i = 0; i <= QuietInboxes::kMaxUsers; ++i)
            remember(inboxes, QString::number(i), {}, quiet(1));
        QVERIFY(!inboxes.find(u"0"_s, {}));
        QVERIFY(inboxes.find(QString::number(QuietInboxes::kMaxUsers), {}));
    }

    void forgettingGroupsForgetsTooMuchNeverTooLittle()
    {
        QuietInboxes inboxes;
        remember(inboxes, u"42"_s, { u"staff"_s }, quiet(1));
        inboxes.published(ToGroups{ { u"staff"_s } }, 2);
        for (qsizetype i = 0; i <= QuietInboxes::kMaxUsers; ++i)
            inboxes.published(ToGroups{ { u"group-%1"_s.arg(i) } }, 3 + i);
        QVERIFY(!inboxes.find(u"42"_s, { u"staff"_s }));
        remember(inboxes, u"42"_s, { u"staff"_s }, quiet(3 + QuietInboxes::kMaxUsers));
        QVERIFY(inboxes.find(u"42"_s, { u"staff"_s }));
    }

    /// Against a list of everything that was published.
    void agreesWithALogOfAll()
    {
        struct Published
        {
            Audience to;
            qint64 sequence;
        };
        QuietInboxes inboxes;
        std::vector<Published> log;
        QRandomGenerator random(7);
        const QStringList names{ u"a"_s, u"b"_s, u"c"_s };
        std::vector<qint64> readUpTo(3, -1);
        for (qint64 sequence = 1; sequence <= 5000; ++sequence) {
            const int user = int(random.bounded(3));
            const QStringList groups{ u"g%1"_s.arg(user), u"everybody"_s };
            if (random.bounded(2) == 0) {
                const quint32 kind = random.bounded(20);
                const Audience to = kind == 0 ? Audience(ToAll{})
                    : kind == 1               ? Audience(ToGroups{ { u"everybody"_s } })
                    : kind < 8                ? Audience(ToGroups{ { u"g%1"_s.arg(random.bounded(4)) } })
                                              : Audience(ToUsers{ { names[int(random.bounded(3))] } });
                inboxes.published(to, sequence);
                log.push_back({ to, sequence });
            } else {
                remember(inboxes, names[user], groups, quiet(sequence));
                readUpTo[size_t(user)] = sequence;
            }
            const bool hasNew = std::any_of(log.begin(), log.end(), [&](const Published &published) {
                if (published.sequence <= readUpTo[size_t(user)])
                    return false;
                const ToUsers *users = std::get_if<ToUsers>(&published.to);
                const ToGroups *some = std::get_if<ToGroups>(&published.to);
                if (users)
                    return users->users.contains(names[user]);
                return !some || some->groups.contains(groups[0]) || some->groups.contains(groups[1]);
            });
            const bool isKnownEmpty = readUpTo[size_t(user)] >= 0 && !hasNew;
            QCOMPARE(inboxes.find(names[user], groups).has_value(), isKnownEmpty);
        }
    }
};

QTEST_APPLESS_MAIN(TestQuietInboxes)
#include "tst_quietinboxes.moc"
