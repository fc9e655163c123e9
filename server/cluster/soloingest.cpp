// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/soloingest.h"

#include <QtCore/QCryptographicHash>

#include "server/base/onthread.h"
#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Names the entry for ever: ids of entries begin anew when a Redis is emptied, so its content is part of that.
PublishKey keyOf(const IngestEntry &entry, const std::vector<RedisReply> &fields)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const RedisReply &field : fields) {
        hash.addData(QByteArray(QByteArray::number(field.text.size()) + ':')); // where one ends and the next begins
        hash.addData(field.text);
    }
    return { QString(), entry.id + ':' + hash.result().toHex(), {} }; // no user has an empty name
}

} // namespace

SoloIngest::SoloIngest(
    const RedisUrl &url, const NodeIdentity &self, Publisher &publisher, const Clock &clock, Log &log)
    : m_publisher(publisher)
    , m_clock(clock)
    , m_log(log)
    , m_thread(u"ingest"_s)
    , m_link(m_thread.add(std::make_unique<RedisLink>(url, "gatehouse:" + self.name.toUtf8() + ":ingest", clock, log)))
    , m_ingest(m_thread.add(std::make_unique<PublishIngest>(
          m_link,
          [this](IngestEntry entry, const std::vector<RedisReply> &fields, const PublishIngest::Done &done) {
              publish(std::move(entry), fields, done);
          },
          self.run,
          [to = &publisher](qint64, std::vector<PublishRequest> ephemeral) {
              if (ephemeral.empty())
                  return;
              postTo(*to, [to, ephemeral = std::move(ephemeral)]() mutable { to->ingested(0, std::move(ephemeral)); });
          },
          clock, log)))
{
    QObject::connect(&m_link, &RedisLink::up, &m_ingest, [this] {
        m_isUp = true;
        m_ingest.linkUp();
    });
    QObject::connect(&m_link, &RedisLink::down, &m_ingest, [this] { m_isUp = false; });
    postTo(m_link, [this] { m_link.start(); });
}

SoloIngest::~SoloIngest()
{
    postTo(m_link, [this] { m_link.stop(); });
    m_thread.end();
}

void SoloIngest::publish(IngestEntry entry, const std::vector<RedisReply> &fields, const PublishIngest::Done &done)
{
    if (entry.requests.empty()) { // what is ephemeral is sent once it is gone from there: at most once
        take(entry.group, entry.id, [done](const Result<qint64> &taken) {
            done(taken ? Result<bool>(*taken == 1) : Result<bool>(taken.error()));
        });
        return;
    }
    PublishKey key = keyOf(entry, fields);
    // Back on this object's thread, if it still exists: it ends on the main thread, where the answer comes.
    const auto stored
        = [this, alive = m_alive, group = entry.group, id = entry.id, done](const Result<bool> &published) {
              if (!alive)
                  return;
              postTo(m_link, [this, group, id, done, published] {
                  if (!published) {
                      done(published.error());
                      return;
                  }
                  // Stored it is either way; an entry that cannot be taken out comes again, and is recognised.
                  take(group, id, [this, done, isNew = *published](const Result<qint64> &taken) {
                      if (!taken)
                          sayNotTaken(taken.error());
                      done(isNew);
                  });
              });
          };
    postTo(
        m_publisher, [to = &m_publisher, key = std::move(key), requests = std::move(entry.requests), stored]() mutable {
            to->publishOnce(key, std::move(requests), stored);
        });
}

void SoloIngest::sayNotTaken(const Error &error)
{
    if (error.field != rediserrors::kDown && m_pause.isOver(m_clock.monotonic()))
        m_log.log(LogLevel::Warning, "ingest_not_taken_out"_L1, { { "error"_L1, error.message } });
}

void SoloIngest::take(
    const QByteArray &group, const QByteArray &id, const std::function<void(const Result<qint64> &)> &done)
{
    m_link.run(scripts::takeEntry(), {}, { group, id }, [done](const Result<RedisReply> &reply) {
        done(reply ? Result<qint64>(reply->toInteger()) : Result<qint64>(reply.error()));
    });
}

IngestStats SoloIngest::stats() const
{
    return { m_isUp, m_ingest.taken(), m_ingest.refused() };
}

} // namespace gatehouse
