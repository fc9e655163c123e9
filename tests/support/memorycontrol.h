// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <set>

#include <QtCore/QCoreApplication>
#include <QtCore/QPointer>

#include "server/control/controltransport.h"

namespace gatehouse {

/// What several nodes of a test have in common in place of Redis: the log and its state, in memory, with the same
/// rules. Main thread.
class MemoryControl final
{
public:
    struct Logged
    {
        QByteArray position;
        ControlEntry entry;
    };

    /// Appends without asking anybody, as somebody at Redis could.
    void force(ControlEntry entry)
    {
        m_log.push_back({ QByteArray::number(++m_last).rightJustified(12, '0'), std::move(entry) });
        wake();
    }
    void flush()
    {
        m_log.clear();
        m_versions = {};
        m_items = {};
        m_hasBegun = false;
        wake();
    }
    /// Leaves the newest entries.
    void trim(size_t left)
    {
        if (m_log.size() > left)
            m_log.erase(m_log.begin(), m_log.end() - qsizetype(left));
    }
    [[nodiscard]] const std::vector<Logged> &log() const { return m_log; }
    [[nodiscard]] std::vector<Logged> &log() { return m_log; }
    [[nodiscard]] ControlItems &items(ControlKind kind) { return m_items[size_t(kind)]; }
    [[nodiscard]] qint64 version(ControlKind kind) const { return m_versions[size_t(kind)]; }

private:
    friend class FakeControlTransport;
    void wake();

    std::vector<Logged> m_log;
    std::array<qint64, kControlKinds> m_versions{};
    std::array<ControlItems, kControlKinds> m_items;
    qint64 m_last = 0;
    bool m_hasBegun = false;
    std::set<class FakeControlTransport *> m_nodes;
};

/// A node's way to a MemoryControl. Everything is answered by the event loop.
class FakeControlTransport final : public QObject, public ControlTransport
{
public:
    explicit FakeControlTransport(MemoryControl &shared)
        : m_shared(shared)
    {
        m_shared.m_nodes.insert(this);
    }
    ~FakeControlTransport() override { m_shared.m_nodes.erase(this); }

    void setUp(bool isUp)
    {
        m_isUp = isUp;
        m_following.reset();
        post([this, isUp] {
            if (isUp)
                m_listener->cameUp();
            else
                m_listener->wentDown(QStringLiteral("the test says so"));
        });
    }
    /// Appends are carried out, but their answers do not come.
    void setMute(bool isMute) { m_isMute = isMute; }
    /// Called once, between a node's decision and its append.
    void beforeNextAppend(std::function<void()> call) { m_beforeAppend = std::move(call); }
    [[nodiscard]] int appends() const { return m_appends; }

    void setListener(ControlListener *listener) override
    {
        m_listener = listener;
        if (listener && m_isUp)
            setUp(true);
    }
    void follow(const QByteArray &position) override
    {
        m_following = position;
        post([this] { look(); });
    }
    void append(const ControlChange &change, const QString &node,
        std::function<void(const Result<ControlVerdict> &)> done) override
    {
        ++m_appends;
        if (const auto call = std::exchange(m_beforeAppend, {}))
            call();
        const Result<ControlVerdict> verdict
            = m_isUp ? judge(change, node) : Result<ControlVerdict>(Error{ QStringLiteral("down"), {} });
        if (!m_isMute)
            post([done = std::move(done), verdict] { done(verdict); });
    }
    void load(std::function<void(const Result<std::optional<ControlSnapshot>> &)> done) override
    {
        Result<std::optional<ControlSnapshot>> result = Error{ QStringLiteral("down"), {} };
        if (m_isUp && !m_shared.m_hasBegun) {
            result = std::optional<ControlSnapshot>();
        } else if (m_isUp) {
            ControlSnapshot snapshot;
            snapshot.position = m_shared.m_log.empty() ? QByteArray("0") : m_shared.m_log.back().position;
            snapshot.versions = m_shared.m_versions;
            snapshot.items = m_shared.m_items;
            for (const MemoryControl::Logged &logged : m_shared.m_log)
                snapshot.log.push_back(logged.entry);
            result = std::optional(std::move(snapshot));
        }
        post([done = std::move(done), result] { done(result); });
    }
    void seed(const std::array<ControlItems, kControlKinds> &items, const QString &,
        std::function<void(const Status &)> done) override
    {
        if (!m_shared.m_hasBegun) {
            m_shared.m_hasBegun = true;
            m_shared.m_items = items;
            m_shared.m_versions.fill(1);
            m_shared.force({ ControlKind::Audit, 1, {}, {} });
        }
        post([done = std::move(done)] { done(ok()); });
    }

private:
    friend class MemoryControl;

    ControlVerdict judge(const ControlChange &change, const QString &node)
    {
        if (!m_shared.m_hasBegun)
            return { ControlVerdict::Outcome::Empty, 0 };
        qint64 &version = m_shared.m_versions[size_t(change.kind)];
        if (change.expectedVersion && *change.expectedVersion != version)
            return { ControlVerdict::Outcome::Conflict, version };
        ++version;
        for (const auto &[id, item] : change.items) {
            if (item)
                m_shared.items(change.kind)[id] = *item;
            else
                m_shared.items(change.kind).erase(id);
        }
        m_shared.force({ change.kind, version, node, change.payload });
        return { ControlVerdict::Outcome::Accepted, version };
    }

    void look()
    {
        if (!m_isUp || !m_following || !m_listener)
            return;
        const std::vector<MemoryControl::Logged> &log = m_shared.m_log;
        const auto place = std::find_if(log.begin(), log.end(),
            [this](const MemoryControl::Logged &logged) { return logged.position == *m_following; });
        if (place == log.end()) {
            m_following.reset();
            m_listener->lostPlace();
            return;
        }
        ControlBatch batch{ *m_following, {}, {}, {} };
        for (auto next = place + 1; next != log.end(); ++next) {
            batch.position = next->position;
            batch.entries.push_back(next->entry);
        }
        const bool hasMore = !batch.entries.empty();
        if (hasMore)
            m_following.reset();
        m_listener->foundPlace(); // may append
        if (hasMore)
            m_listener->received(batch);
    }

    void post(std::function<void()> call)
    {
        QMetaObject::invokeMethod(
            qApp,
            [self = QPointer(this), call = std::move(call)] {
                if (self && self->m_listener)
                    call();
            },
            Qt::QueuedConnection);
    }

    MemoryControl &m_shared;
    ControlListener *m_listener = nullptr;
    std::optional<QByteArray> m_following;
    std::function<void()> m_beforeAppend;
    bool m_isUp = true;
    bool m_isMute = false;
    int m_appends = 0;
};

inline void MemoryControl::wake()
{
    for (FakeControlTransport *node : m_nodes)
        node->post([node] { node->look(); });
}

} // namespace gatehouse
