// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/pendinganswers.h"

#include <algorithm>

#include "server/admin/requestparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr size_t kAlwaysKept = 64;

} // namespace

void PendingAnswers::Entry::answer(const HttpResponse &response)
{
    if (!isAnswered.exchange(true))
        respond(response);
}

PendingAnswers::PendingAnswers(const Clock &clock)
    : m_clock(clock)
    , m_keepUntil(kAlwaysKept)
{
}

Responder PendingAnswers::add(const Responder &respond, bool isChange)
{
    if (m_entries.size() >= m_keepUntil)
        forgetAnswered();
    auto entry = std::make_shared<Entry>();
    entry->respond = respond;
    entry->since = m_clock.monotonic();
    entry->isChange = isChange;
    m_entries.push_back(entry);
    return [entry](const HttpResponse &response) { entry->answer(response); };
}

void PendingAnswers::forgetAnswered()
{
    std::erase_if(m_entries, [](const std::weak_ptr<Entry> &known) {
        const std::shared_ptr<Entry> entry = known.lock();
        return !entry || entry->isAnswered;
    });
    m_keepUntil = std::max(kAlwaysKept, 2 * m_entries.size());
}

void PendingAnswers::setStoreHanging(bool isHanging)
{
    m_isStoreHanging = isHanging;
    forgetAnswered();
    if (!isHanging)
        return;
    const MonoTime now = m_clock.monotonic();
    const std::vector<std::weak_ptr<Entry>> waiting = m_entries; // an answer may lead to the next request
    for (const std::weak_ptr<Entry> &known : waiting) {
        const std::shared_ptr<Entry> entry = known.lock();
        if (!entry || now - entry->since < kPatience)
            continue;
        entry->answer(storeUnavailable({ entry->isChange
                ? u"the disk of the state file does not answer; what was asked for may yet be carried out"_s
                : u"the disk of the state file does not answer"_s,
            {} }));
    }
    forgetAnswered();
}

bool PendingAnswers::isFull()
{
    if (!m_isStoreHanging || m_entries.size() < kMaxWaiting)
        return false;
    forgetAnswered();
    return m_entries.size() >= kMaxWaiting;
}

HttpResponse PendingAnswers::refusal()
{
    return storeUnavailable(
        { u"the disk of the state file does not answer, and too many wait for it; nothing has been done"_s, {} });
}

} // namespace gatehouse
