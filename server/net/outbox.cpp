// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/outbox.h"

#include <algorithm>
#include <numeric>

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>

#include "server/net/clientstream.h"

namespace gatehouse {

namespace {

constexpr qsizetype kMaxJoinedBytes = 256 * 1024;

bool areSame(const Outbox::Queue &left, const Outbox::Queue &right)
{
    // Shared arrays are the same array: the bytes need not be compared.
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(), [](const QByteArray &a, const QByteArray &b) {
            return a.constData() == b.constData() && a.size() == b.size();
        });
}

} // namespace

Outbox::Outbox(QObject *parent)
    : QObject(parent)
{
}

Outbox::~Outbox() = default;

std::unique_ptr<Outbox::Queue> Outbox::takeQueue()
{
    if (m_spares.empty())
        return std::make_unique<Queue>();
    std::unique_ptr<Queue> queue = std::move(m_spares.back());
    m_spares.pop_back();
    return queue;
}

void Outbox::giveQueue(std::unique_ptr<Queue> queue)
{
    if (!queue || m_spares.size() >= kMaxSpares || queue->capacity() > kMaxSpareFrames)
        return;
    queue->clear();
    m_spares.push_back(std::move(queue));
}

size_t Outbox::add(ClientStream &stream)
{
    m_places.push_back({ &stream });
    if (m_turns == 0 && !std::exchange(m_isPosted, true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
    return m_places.size() - 1;
}

void Outbox::customEvent(QEvent *)
{
    m_isPosted = false;
    flush();
}

void Outbox::flush()
{
    if (m_places.empty())
        return;
    ++m_turns; // what the streams' observers send now is written in this same flush
    Shared shared;
    for (size_t i = 0; i < m_places.size(); ++i) { // there may be more of them after each
        ClientStream *stream = std::exchange(m_places[i].stream, nullptr);
        if (!stream)
            continue;
        if (stream->m_queue && stream->m_queue->size() > 1)
            share(*stream->m_queue, shared);
        stream->writeTurn(std::move(m_places[i].single));
    }
    m_places.clear();
    --m_turns;
}

void Outbox::share(Queue &queue, Shared &shared) const
{
    if (!areSame(queue, shared.frames)) {
        shared.frames = queue;
        shared.joined.clear();
        return; // perhaps nobody else has them
    }
    if (shared.joined.isNull()) {
        const qsizetype size = std::accumulate(queue.begin(), queue.end(), qsizetype(0),
            [](qsizetype sum, const QByteArray &frame) { return sum + frame.size(); });
        if (size > kMaxJoinedBytes)
            return;
        shared.joined.reserve(size);
        for (const QByteArray &frame : queue)
            shared.joined += frame;
    }
    queue.assign(1, shared.joined);
}

} // namespace gatehouse
