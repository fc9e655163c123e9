// SPDX-License-Identifier: GPL-3.0-or-later
// What only root can do is tested where the tests run as root; the integration test test_owners has the whole story.
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sys/stat.h>
#include <unistd.h>

#include "server/config/stateowner.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

constexpr uid_t kService = 4242;

uid_t ownerOf(const QString &path)
{
    struct stat info
    {
    };
    return ::lstat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_uid : uid_t(-1);
}

} // namespace

class TestStateOwner final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;

    QString make(const QString &name) const
    {
        const QString path = m_dir->filePath(name);
        QFile file(path);
        return file.open(QIODevice::WriteOnly) ? path : QString();
    }
    void giveDirectoryAway() const
    {
        QCOMPARE(::chown(QFile::encodeName(m_dir->path()).constData(), kService, kService), 0);
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void ownFilesAreGood()
    {
        QVERIFY(examineStateFiles(m_dir->path()));
        make(u"gatehouse.db"_s);
        make(u"jwt_secret"_s);
        giveStateToOwner(m_dir->path());
        QVERIFY(examineStateFiles(m_dir->path()));
        QCOMPARE(ownerOf(m_dir->filePath(u"gatehouse.db"_s)), ::geteuid());
        QVERIFY(examineStateFiles(m_dir->filePath(u"nowhere"_s)));
        giveStateToOwner(m_dir->filePath(u"nowhere"_s));
    }

    void rootGivesWhatIsTheServersToTheOwner()
    {
        if (::geteuid() != 0)
            QSKIP("needs root");
        giveDirectoryAway();
        const QString database = make(u"gatehouse.db"_s);
        const QString log = make(u"gatehouse.db-wal"_s);
        const QString secret = make(u"jwt_secret"_s);
        const QString cluster = make(u"cluster_redis"_s);
        const QString other = make(u"notes.txt"_s);
        const Status before = examineStateFiles(m_dir->path());
        QVERIFY(!before);
        QCOMPARE(before.error().message,
            u"%1: it belongs to root, and 4242 cannot use it; as root, \"chown -R 4242: %2\" mends it"_s.arg(
                cluster, m_dir->path())); // the first by name
        giveStateToOwner(m_dir->path());
        QVERIFY(examineStateFiles(m_dir->path()));
        for (const QString &path : { database, log, secret, cluster })
            QCOMPARE(ownerOf(path), kService);
        QCOMPARE(ownerOf(other), 0U);
    }

    void rootGivesNothingAwayThroughLinks()
    {
        if (::geteuid() != 0)
            QSKIP("needs root");
        const QTemporaryDir elsewhere;
        const QString precious = elsewhere.filePath(u"precious"_s);
        QFile file(precious);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(QFile::link(precious, m_dir->filePath(u"jwt_secret"_s)));
        QCOMPARE(::link(QFile::encodeName(precious).constData(),
                     QFile::encodeName(m_dir->filePath(u"gatehouse.db"_s)).constData()),
            0);
        giveDirectoryAway();
        giveStateToOwner(m_dir->path());
        QCOMPARE(ownerOf(precious), 0U);
    }

    void whatNobodyOpensIsNobodysBusiness()
    {
        if (::geteuid() != 0)
            QSKIP("needs root");
        giveDirectoryAway();
        make(u"gatehouse.db.corrupt-1"_s);
        QVERIFY(examineStateFiles(m_dir->path()));
    }
};

QTEST_GUILESS_MAIN(TestStateOwner)
#include "tst_stateowner.moc"
