// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redishandshake.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

const QString kLoading = u"it is still loading its data"_s;

QString shortened(const QString &text)
{
    constexpr qsizetype kLongest = 200;
    return text.left(kLongest);
}

} // namespace

RedisHandshake::RedisHandshake(const RedisUrl &url, const QByteArray &name)
    : m_user(url.user)
    , m_password(url.password)
    , m_database(url.database)
    , m_name(name)
{
    using enum Step;
    if (!m_password.isEmpty())
        m_steps.push_back(Auth);
    if (m_database != 0)
        m_steps.push_back(Select);
    m_steps.insert(m_steps.end(), { SetName, Role, InfoServer, InfoPersistence });
}

std::vector<QByteArrayList> RedisHandshake::commands() const
{
    std::vector<QByteArrayList> all;
    for (const Step step : m_steps) {
        switch (step) {
        case Step::Auth:
            all.push_back(m_user.isEmpty() ? QByteArrayList{ "AUTH", m_password.toUtf8() }
                                           : QByteArrayList{ "AUTH", m_user.toUtf8(), m_password.toUtf8() });
            break;
        case Step::Select:
            all.push_back({ "SELECT", QByteArray::number(m_database) });
            break;
        case Step::SetName:
            all.push_back({ "CLIENT", "SETNAME", m_name });
            break;
        case Step::Role:
            all.push_back({ "ROLE" });
            break;
        case Step::InfoServer:
            all.push_back({ "INFO", "server" });
            break;
        case Step::InfoPersistence:
            all.push_back({ "INFO", "persistence" });
            break;
        }
    }
    return all;
}

std::optional<QString> RedisHandshake::judge(const RedisAnswer &answer)
{
    if (isComplete())
        return u"it answered more than it was asked"_s;
    const Step step = m_steps[m_next++];
    return answer ? judgeReply(step, *answer) : judgeRefusal(step, answer.error().message);
}

std::optional<QString> RedisHandshake::judgeRefusal(Step step, const QString &text) const
{
    if (text.startsWith("LOADING"_L1))
        return kLoading;
    if (text.startsWith("NOAUTH"_L1))
        return u"it wants a password, and REDIS_URL has none"_s;
    switch (step) {
    case Step::Auth:
        if (text.startsWith("WRONGPASS"_L1))
            return u"the password or the user in REDIS_URL is wrong"_s;
        return text.contains("without any password configured"_L1) ? u"REDIS_URL has a password, and it has none"_s
                                                                   : QString(u"it refuses AUTH: "_s + shortened(text));
    case Step::Select:
        return u"database %1 cannot be used: %2"_s.arg(QString::number(m_database), shortened(text));
    case Step::SetName:
        return std::nullopt; // only for people who look at CLIENT LIST
    case Step::Role:
        return u"it refuses ROLE: "_s + shortened(text);
    case Step::InfoServer:
    case Step::InfoPersistence:
        break;
    }
    return u"it refuses INFO: "_s + shortened(text);
}

std::optional<QString> RedisHandshake::judgeReply(Step step, const RedisReply &reply)
{
    switch (step) {
    case Step::Auth:
    case Step::Select:
    case Step::SetName:
        return std::nullopt;
    case Step::Role:
        if (reply.isArray() && !reply.elements.empty() && reply.elements[0].text == "master")
            return std::nullopt;
        if (reply.isArray() && !reply.elements.empty() && reply.elements[0].text == "sentinel")
            return u"it is a Sentinel; REDIS_URL must begin with redis+sentinel://"_s;
        return u"it is a replica, not a master"_s;
    case Step::InfoServer:
        m_server.runId = redisInfoValue(reply.text, "run_id");
        m_server.version = redisInfoValue(reply.text, "redis_version");
        if (m_server.runId.isEmpty())
            return u"its INFO has no run_id"_s;
        if (redisInfoValue(reply.text, "redis_mode") == "cluster")
            return u"it is in cluster mode, which keeps keys apart that belong together; use a Redis without it, or with Sentinel"_s;
        return std::nullopt;
    case Step::InfoPersistence:
        if (redisInfoValue(reply.text, "loading") == "1")
            return kLoading;
        return std::nullopt;
    }
    return std::nullopt;
}

QByteArray redisInfoValue(const QByteArray &info, QByteArrayView name)
{
    qsizetype begin = 0;
    while (begin < info.size()) {
        qsizetype end = info.indexOf('\n', begin);
        if (end < 0)
            end = info.size();
        const QByteArrayView line = QByteArrayView(info).sliced(begin, end - begin).trimmed();
        if (line.startsWith(name) && line.size() > name.size() && line[name.size()] == ':')
            return line.sliced(name.size() + 1).toByteArray();
        begin = end + 1;
    }
    return {};
}

std::optional<QString> reasonToLeave(const QString &error)
{
    // Before Redis 7 what a script was refused with stands within the text.
    if (error.startsWith("READONLY"_L1) || error.contains("-READONLY "_L1))
        return u"it has become a replica"_s;
    if (error.startsWith("LOADING"_L1))
        return kLoading;
    if (error.startsWith("MASTERDOWN"_L1))
        return u"it is a replica whose master is away"_s;
    if (error.startsWith("UNBLOCKED"_L1))
        return u"it is becoming a replica"_s;
    if (error.startsWith("NOAUTH"_L1))
        return u"it wants a password"_s;
    return std::nullopt;
}

} // namespace gatehouse
