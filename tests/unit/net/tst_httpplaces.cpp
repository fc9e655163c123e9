// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QtTest/QTest>

#include "server/net/httpplaces.h"

using namespace gatehouse;

namespace {

constexpr qint64 kMiB = 1024 * 1024;

AddressKey address(quint32 number)
{
    return AddressKey::of(IpAddress::fromIpv4(0x0a000000 + number));
}

class Keeper final : public HttpPlaceKeeper
{
public:
    void placeLost(quint64 connection) override { lost.push_back(connection); }

    HttpPlace &add(std::optional<AddressKey> of)
    {
        all.push_back(std::make_unique<HttpPlace>(places, *this, all.size(), of));
        return *all.back();
    }
    [[nodiscard]] qint64 lostFor(HttpPlaces::Why why) const { return places.counts().lost[size_t(why)]; }

    HttpPlaces places;
    std::vector<quint64> lost; ///< by their order of coming
    std::vector<std::unique_ptr<HttpPlace>> all;
};

using Lost = std::vector<quint64>;

} // namespace

class TestHttpPlaces : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theOldestOfAnAddressGoes()
    {
        Keeper keeper;
        for (size_t i = 0; i < kMaxStrangersPerAddress; ++i)
            keeper.add(address(1));
        QVERIFY(keeper.lost.empty());
        keeper.add(address(2)); // another's
        QVERIFY(keeper.lost.empty());
        keeper.add(address(1));
        keeper.add(address(1));
        QCOMPARE(keeper.lost, Lost({ 0, 1 }));
        QVERIFY(keeper.all[0]->isLost());
        QCOMPARE(keeper.lostFor(HttpPlaces::Why::Address), 2);
        QCOMPARE(keeper.places.counts().connections, qint64(kMaxStrangersPerAddress + 1));
    }

    void theOldestIsWhoHasWaitedLongest()
    {
        Keeper keeper;
        for (size_t i = 0; i < kMaxStrangersPerAddress; ++i)
            keeper.add(address(1));
        keeper.all[0]->waitsForRequest(); // it has been answered meanwhile
        keeper.add(address(1));
        QCOMPARE(keeper.lost, Lost({ 1 }));
    }

    void whoHasGoneLeavesRoom()
    {
        Keeper keeper;
        for (size_t i = 0; i < 10 * kMaxStrangersPerAddress; ++i) {
            keeper.add(address(1));
            keeper.all.pop_back();
        }
        QVERIFY(keeper.lost.empty());
        QCOMPARE(keeper.places.counts().connections, 0);
    }

    void anIpv6NetworkIsOneAddress()
    {
        Keeper keeper;
        for (size_t i = 0; i <= kMaxStrangersPerAddress; ++i)
            keeper.add(AddressKey::of(*IpAddress::parse(QByteArray("2001:db8::").append(QByteArray::number(int(i))))));
        QCOMPARE(keeper.lost, Lost({ 0 }));
    }

    void whoIsKnownIsCountedApart()
    {
        Keeper keeper;
        for (size_t i = 0; i < kMaxKnownPerAddress; ++i)
            keeper.add(address(1)).setKnown();
        for (size_t i = 0; i < kMaxStrangersPerAddress; ++i)
            keeper.add(address(1));
        QVERIFY(keeper.lost.empty());
        keeper.add(address(1)).setKnown(); // a stranger until it is known
        QCOMPARE(keeper.lost, Lost({ kMaxKnownPerAddress, 0 }));
    }

    void aProxyIsNotOneClient()
    {
        Keeper keeper;
        for (int i = 0; i < 1000; ++i)
            keeper.add(std::nullopt);
        QVERIFY(keeper.lost.empty());
        // While its client's requests last, they are the client's.
        for (size_t i = 0; i < kMaxKnownPerAddress; ++i)
            keeper.all[i]->lendTo(address(1));
        QVERIFY(keeper.lost.empty());
        keeper.all[kMaxKnownPerAddress]->waitsForRequest();
        keeper.all[kMaxKnownPerAddress]->lendTo(address(1));
        QCOMPARE(keeper.lost, Lost({ 0 }));
        for (const std::unique_ptr<HttpPlace> &place : keeper.all)
            place->waitsForRequest();
        keeper.all.back()->lendTo(address(1));
        QCOMPARE(keeper.lost, Lost({ 0 }));
    }

    void descriptorsAreTakenFromStrangersFirst()
    {
        Keeper keeper;
        keeper.add(std::nullopt);
        keeper.add(address(1)).setKnown();
        keeper.add(address(2));
        keeper.add(address(3));
        for (int i = 0; i < 5; ++i)
            keeper.places.makeRoom();
        QCOMPARE(keeper.lost, Lost({ 2, 3, 0, 1 }));
        QCOMPARE(keeper.lostFor(HttpPlaces::Why::Descriptors), 4);
    }

    void saysWhetherSomebodyIsAboutToGo()
    {
        Keeper keeper;
        QVERIFY(!keeper.places.makeRoom());
        for (quint32 i = 0; i < 100; ++i)
            keeper.add(address(i));
        for (int i = 0; i < 100; ++i)
            QVERIFY(keeper.places.makeRoom());
        QCOMPARE(keeper.lost.size(), 32U); // no more before these have gone
        keeper.all[0].reset();
        keeper.all[1]->goesLater();
        QVERIFY(keeper.places.makeRoom());
        QVERIFY(keeper.places.makeRoom());
        QVERIFY(keeper.places.makeRoom());
        QCOMPARE(keeper.lost.size(), 34U);
        keeper.all[2]->waitsForRequest(); // stays
        QVERIFY(keeper.places.makeRoom());
        QCOMPARE(keeper.lost.size(), 35U);
        keeper.all.clear();
        QVERIFY(!keeper.places.makeRoom());
    }

    void whoLostItsPlaceAndGoesOnHasOneAgain()
    {
        Keeper keeper;
        keeper.add(address(1));
        keeper.places.makeRoom();
        QCOMPARE(keeper.places.counts().connections, 0);
        keeper.all[0]->waitsForRequest();
        QCOMPARE(keeper.places.counts().connections, 1);
        QVERIFY(!keeper.all[0]->isLost());
    }

    void bytesOfAllAreBounded()
    {
        Keeper keeper;
        for (quint32 i = 0; i < 16; ++i)
            keeper.add(address(i)).hold(kMiB);
        QVERIFY(keeper.lost.empty());
        QCOMPARE(keeper.places.counts().bytes, kMaxHeldBytes);
        keeper.add(address(100)).hold(kMiB + 1);
        QCOMPARE(keeper.lost, Lost({ 0, 1 }));
        QCOMPARE(keeper.places.counts().bytes, kMaxHeldBytes - kMiB + 1);
        keeper.all[0]->hold(kMiB); // what is about to go counts no more
        QCOMPARE(keeper.places.counts().bytes, kMaxHeldBytes - kMiB + 1);
        for (const std::unique_ptr<HttpPlace> &place : keeper.all)
            place->hold(0);
        QCOMPARE(keeper.places.counts().bytes, 0);
    }

    void bytesOfAnAddressAreBounded()
    {
        Keeper keeper;
        keeper.add(address(1)); // waits for longest, and holds nothing
        for (int i = 0; i < 4; ++i)
            keeper.add(address(1)).hold(kMiB);
        keeper.add(address(2)).hold(kMiB);
        QVERIFY(keeper.lost.empty());
        keeper.add(address(1)).hold(1);
        QCOMPARE(keeper.lost, Lost({ 1 }));
    }

    void oneLargeAnswerIsNotCutForItself()
    {
        Keeper keeper;
        keeper.add(address(1)).hold(20 * kMiB);
        QVERIFY(keeper.lost.empty());
        keeper.add(address(2)).hold(kMiB); // for others it is
        QCOMPARE(keeper.lost, Lost({ 0 }));
    }

    void whoGrowsIsBoundedToo()
    {
        Keeper keeper;
        keeper.add(address(1)).hold(1); // the first that holds anything
        for (quint32 i = 2; i < 10; ++i)
            keeper.add(address(i)).hold(2 * kMiB - 1);
        keeper.all[0]->hold(9);
        QCOMPARE(keeper.lost, Lost({ 1 }));
    }

    void bodiesHaveRoomOrNot()
    {
        Keeper keeper;
        for (int i = 0; i < 8; ++i)
            QVERIFY(keeper.add(address(1)).reserveBody(kMiB));
        QVERIFY(!keeper.add(address(1)).reserveBody(1)); // of that address
        for (quint32 i = 2; i < 6; ++i)
            QVERIFY(keeper.add(address(i)).reserveBody(kMiB));
        QVERIFY(!keeper.add(address(7)).reserveBody(1)); // of all
        keeper.all[0]->releaseBody();
        QVERIFY(keeper.all.back()->reserveBody(kMiB));
        QVERIFY(!keeper.all[0]->reserveBody(1));
        keeper.all[1].reset(); // gone in the middle of its body
        QVERIFY(keeper.all[0]->reserveBody(1));
        QVERIFY(keeper.lost.empty());
    }

    void aBodyMayGrow()
    {
        Keeper keeper;
        HttpPlace &growing = keeper.add(address(1));
        for (int i = 1; i <= 4; ++i)
            QVERIFY(growing.reserveBody(i * kMiB));
        QCOMPARE(keeper.places.counts().bytes, 4 * kMiB); // not what was asked for together
        QVERIFY(keeper.add(address(1)).reserveBody(4 * kMiB));
        QVERIFY(!growing.reserveBody(4 * kMiB + 1)); // of that address
        QCOMPARE(keeper.places.counts().bytes, 8 * kMiB);
        growing.releaseBody();
        QCOMPARE(keeper.places.counts().bytes, 4 * kMiB);
    }

    void aSharedOneMayTurnOutToBeOneClients()
    {
        Keeper keeper;
        for (size_t i = 0; i < kMaxStrangersPerAddress + 1; ++i)
            keeper.add(std::nullopt).waitsForRequest();
        QVERIFY(keeper.lost.empty()); // nobody's
        for (const auto &place : keeper.all)
            place->giveTo(address(1));
        QCOMPARE(keeper.lost.size(), 1U); // one too many, and the first of them
        QVERIFY(keeper.all.front()->isLost());
        keeper.all.back()->waitsForRequest(); // it is still that client's
        QCOMPARE(keeper.lost.size(), 1U);
        keeper.add(address(1));
        QCOMPARE(keeper.lost.size(), 2U);
    }

    void headsGoForBodies()
    {
        Keeper keeper;
        for (quint32 i = 0; i < 16; ++i)
            keeper.add(address(i)).hold(kMiB);
        QVERIFY(keeper.add(address(20)).reserveBody(kMiB));
        QCOMPARE(keeper.lost, Lost({ 0 }));
    }

    void whoLostItsPlaceGetsNoRoomForABody()
    {
        Keeper keeper;
        HttpPlace &place = keeper.add(address(1));
        keeper.places.makeRoom();
        QVERIFY(!place.reserveBody(1));
    }
};

QTEST_GUILESS_MAIN(TestHttpPlaces)
#include "tst_httpplaces.moc"
