// SPDX-License-Identifier: GPL-3.0-or-later
#include <deque>

#include <QtTest/QTest>

#include "server/cluster/control/rediscontrol.h"
#include "server/cluster/scripts/scripts.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

RedisReply text(const QByteArray &bytes)
{
    return { RedisReply::Type::Text, 0, bytes, {} };
}

RedisReply number(qint64 value)
{
    return { RedisReply::Type::Integer, value, {}, {} };
}

RedisReply list(std::vector<RedisReply> elements)
{
    return { RedisReply::Type::Array, 0, {}, std::move(elements) };
}

RedisReply entry(const QByteArray &position, const QByteArray &payload = "{}")
{
    return list({ text(position),
        list({ text("k"), text("audit"), text("v"), text("2"), text("n"), text("a"), text("p"), text(payload) }) });
}

/// What was handed from one side to the other has arrived, and what that handed on.
void settle()
{
    for (int i = 0; i < 4; ++i)
        QCoreApplication::processEvents();
}

/// Calls that the test answers, the oldest first.
struct Calls final : public RedisCalls
{
    struct Call
    {
        QByteArrayList command; ///< of a script: its arguments
        const RedisScript *script;
        Done done;
    };
    std::deque<Call> open;
    bool isLinkUp = true;

    void call(QByteArrayList command, Done done, std::chrono::milliseconds) override
    {
        open.push_back({ std::move(command), nullptr, std::move(done) });
    }
    void run(const RedisScript &script, QByteArrayList, QByteArrayList arguments, Done done,
        std::chrono::milliseconds) override
    {
        open.push_back({ std::move(arguments), &script, std::move(done) });
    }
    bool isUp() const override { return isLinkUp; }
    void answer(const Result<RedisReply> &reply)
    {
        const Call call = std::move(open.front());
        open.pop_front();
        call.done(reply);
        settle();
    }
};

/// What the listener was told, one word each.
struct Listener final : public ControlListener
{
    QStringList told;
    std::vector<ControlBatch> batches;

    void cameUp() override { told.append(u"up"_s); }
    void wentDown(const QString &reason) override { told.append(u"down "_s + reason); }
    void foundPlace() override { told.append(u"found"_s); }
    void lostPlace() override { told.append(u"lost"_s); }
    void cannotRead(const QString &why) override { told.append(u"cannot "_s + why); }
    void received(const ControlBatch &batch) override
    {
        told.append(u"received"_s);
        batches.push_back(batch);
    }
    QStringList take() { return std::exchange(told, {}); }
};

struct Fixture
{
    Calls writer;
    Calls reader;
    QObject anchor;
    Listener listener;
    RedisControl control{ writer, reader, anchor };

    Fixture()
    {
        control.setListener(&listener);
        control.linksChanged();
        settle();
        listener.take();
    }
    void follow(const QByteArray &position)
    {
        control.follow(position);
        settle();
    }
};

} // namespace

class TestRedisControl final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsOnFromItsPlace()
    {
        Fixture fixture;
        fixture.follow("5-0");
        QCOMPARE(fixture.reader.open.size(), 2U);
        QCOMPARE(fixture.reader.open[0].command, (QByteArrayList{ "XRANGE", "gatehouse:control", "5-0", "5-0" }));
        QCOMPARE(fixture.reader.open[1].command.last(), QByteArray("5-0"));
        fixture.reader.answer(list({ entry("5-0") }));
        QCOMPARE(fixture.listener.take(), QStringList{ u"found"_s });
        fixture.reader.answer(RedisReply());      // nothing came
        QCOMPARE(fixture.reader.open.size(), 2U); // it looks and waits again
        fixture.reader.answer(list({ entry("5-0") }));
        fixture.reader.answer(list({ list({ text("gatehouse:control"), list({ entry("6-0"), entry("7-0") }) }) }));
        QCOMPARE(fixture.listener.take(), (QStringList{ u"found"_s, u"received"_s }));
        QCOMPARE(fixture.listener.batches[0].from, QByteArray("5-0"));
        QCOMPARE(fixture.listener.batches[0].position, QByteArray("7-0"));
        QVERIFY(fixture.reader.open.empty()); // until it is asked again
    }

    void aPlaceThatIsGoneIsLost()
    {
        Fixture fixture;
        fixture.follow("5-0");
        fixture.reader.answer(list({}));
        fixture.reader.answer(list({ list({ text("gatehouse:control"), list({ entry("6-0") }) }) }));
        QCOMPARE(fixture.listener.take(), QStringList{ u"lost"_s }); // and what comes after it is not told
        QVERIFY(fixture.reader.open.empty());
    }

    void theBeginningNeedsNoEntry()
    {
        Fixture fixture;
        fixture.follow("0-0");
        fixture.reader.answer(list({}));
        QCOMPARE(fixture.listener.take(), QStringList{ u"found"_s });
    }

    void anotherPlaceWaitsForTheCallThatIsOut()
    {
        Fixture fixture;
        fixture.follow("5-0");
        fixture.follow("9-0");
        QCOMPARE(fixture.reader.open.size(), 2U);
        fixture.reader.answer(list({}));
        fixture.reader.answer(RedisReply());
        QVERIFY(fixture.listener.take().isEmpty());
        QCOMPARE(fixture.reader.open[1].command.last(), QByteArray("9-0"));
    }

    void linksComeAndGo()
    {
        Fixture fixture;
        fixture.follow("5-0");
        fixture.writer.isLinkUp = false;
        fixture.control.linksChanged(u"broken"_s);
        fixture.control.linksChanged(u"broken"_s);
        fixture.control.linksChanged(u"refused"_s);
        settle();
        QCOMPARE(fixture.listener.take(), (QStringList{ u"down broken"_s, u"down refused"_s }));
        fixture.reader.answer(Error{ u"down"_s, rediserrors::kDown });
        fixture.reader.answer(Error{ u"down"_s, rediserrors::kDown });
        fixture.follow("5-0");
        QVERIFY(fixture.reader.open.empty());
        fixture.writer.isLinkUp = true;
        fixture.control.linksChanged();
        settle();
        QCOMPARE(fixture.listener.take(), QStringList{ u"up"_s });
        fixture.follow("5-0");
        QCOMPARE(fixture.reader.open.size(), 2U);
    }

    void whatCannotBeReadIsTold()
    {
        Fixture fixture;
        fixture.follow("5-0");
        fixture.reader.answer(Error{ u"WRONGTYPE"_s, rediserrors::kRefused });
        fixture.reader.answer(Error{ u"WRONGTYPE"_s, rediserrors::kRefused });
        QCOMPARE(fixture.listener.take(), QStringList{ u"cannot WRONGTYPE"_s });
        QVERIFY(fixture.reader.open.empty()); // a second later
    }

    void appends()
    {
        Fixture fixture;
        std::vector<Result<ControlVerdict>> verdicts;
        const auto append = [&] {
            fixture.control.append(
                {}, u"a"_s, [&](const Result<ControlVerdict> &verdict) { verdicts.push_back(verdict); });
            settle();
        };
        append();
        QCOMPARE(fixture.writer.open[0].script, &scripts::appendChange());
        fixture.writer.answer(list({ number(1), number(3) }));
        QCOMPARE(verdicts.back()->version, 3);
        append();
        fixture.writer.answer(Error{ u"OOM"_s, rediserrors::kRefused });
        QCOMPARE(verdicts.back().error().field, controlerrors::kUnavailable); // surely not carried out
        append();
        fixture.writer.answer(Error{ u"late"_s, rediserrors::kLate });
        QCOMPARE(verdicts.back().error().field, QString()); // it may be
    }

    void loadsStateAndLog()
    {
        Fixture fixture;
        std::optional<Result<std::optional<ControlSnapshot>>> loaded;
        fixture.control.load([&](const auto &result) { loaded = result; });
        settle();
        const RedisReply none = list({});
        fixture.writer.answer(list({ text("8-0"), none, none, none, none, none }));
        QCOMPARE(fixture.writer.open[0].command[2], QByteArray("-"));
        fixture.writer.answer(list({ entry("6-0", R"({"id":"x","audit":[],"more":1})"), entry("7-0") }));
        QCOMPARE(fixture.writer.open[0].command[2], QByteArray("(7-0"));
        fixture.writer.answer(list({ entry("8-0", R"({"id":"y"})") }));
        QVERIFY(loaded && *loaded && **loaded);
        QCOMPARE((**loaded)->log.size(), 2U);
        QVERIFY(!(**loaded)->log[0].payload.contains("more"_L1));
        fixture.control.load([&](const auto &result) { loaded = result; });
        settle();
        fixture.writer.answer(none);
        QVERIFY(*loaded && !**loaded); // an empty Redis
        fixture.control.load([&](const auto &result) { loaded = result; });
        settle();
        fixture.writer.answer(Error{ u"down"_s, rediserrors::kDown });
        QVERIFY(!*loaded);
    }
};

QTEST_GUILESS_MAIN(TestRedisControl)
#include "tst_rediscontrol.moc"
