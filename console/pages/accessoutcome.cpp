// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/accessoutcome.h"

#include <algorithm>
#include <utility>

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/titles.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AccessOutcome::AccessOutcome(ServerModel &serverModel, const QString &name, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_text(makeLabel({}, u"good"_s, this))
    , m_undo(makeButton(tr("Undo"), name + u".undo", u"undo"_s, this))
{
    m_text->setObjectName(name + u".text");
    m_text->setWordWrap(true);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(m_text, 1);
    layout->addWidget(m_undo, 0, Qt::AlignTop);
    connect(m_undo, &QPushButton::clicked, this, &AccessOutcome::takeBack);
    connect(&m_looking, &QTimer::timeout, this, &AccessOutcome::look);
    m_looking.start(kLookInterval);
    connect(&m_serverModel, &ServerModel::serverLeft, this, [this] { tell({}, true, {}); });
    connect(&m_serverModel, &ServerModel::serverChanged, this, &AccessOutcome::refresh);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &AccessOutcome::refresh);
    hide();
}

QString AccessOutcome::wordsFor(AccessList list, const AccessRule &rule)
{
    if (rule.issuedBefore)
        return tr("%1 is logged out everywhere.").arg(rule.value);
    if (list == AccessList::Bans)
        return tr("%1 is banned.").arg(rule.value);
    if (rule.limit)
        return tr("%1: %2 connections of each address.").arg(rule.value, QLocale().toString(*rule.limit));
    return tr("%1 is exempt from limits.").arg(rule.value);
}

void AccessOutcome::tellAdded(AccessList list, const AccessRule &rule)
{
    tell(wordsFor(list, rule), true, Deed{ list, rule, false });
    Q_EMIT changed();
}

void AccessOutcome::tellLifted(AccessList list, const AccessRule &rule)
{
    tell((list == AccessList::Bans ? tr("The ban of %1 is lifted.") : tr("The exemption of %1 is lifted."))
             .arg(rule.value),
        true, Deed{ list, rule, true });
    Q_EMIT changed();
}

void AccessOutcome::tellFailure(const QString &text)
{
    tell(text, false, {});
}

void AccessOutcome::tell(const QString &text, bool isGood, std::optional<Deed> deed)
{
    m_deed = std::move(deed);
    ++m_told;
    setLabelRole(*m_text, isGood ? u"good"_s : u"bad"_s);
    m_text->setText(text);
    setVisible(!text.isEmpty());
    refresh();
}

void AccessOutcome::takeBack()
{
    // Once: what it does is told as a new outcome.
    const std::optional<Deed> deed = std::exchange(m_deed, std::nullopt);
    refresh();
    if (deed && deed->isLifted)
        undoLifted(deed->list, deed->rule);
    else if (deed)
        undoAdded(deed->list, deed->rule);
}

void AccessOutcome::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    look();
}

void AccessOutcome::look()
{
    if (!m_deed || !isVisible() || !m_serverModel.isLive())
        return;
    AccessQuery query;
    query.list = m_deed->list;
    query.filter = m_deed->rule.value;
    query.limit = 1000;
    m_serverModel.client().fetchAccess(query, this, [this, told = m_told](const ApiResult<AccessRulePage> &page) {
        if (!page || told != m_told || !m_deed || holds(*m_deed, page->rules))
            return;
        tell(m_deed->isLifted
                ? tr("%1: somebody has made it again, or it would have ended by now.").arg(m_deed->rule.value)
                : tr("%1: somebody has lifted it, or it has ended.").arg(m_deed->rule.value),
            true, {});
    });
}

bool AccessOutcome::holds(const Deed &deed, const std::vector<AccessRule> &rules) const
{
    const auto isSame = [&deed](const AccessRule &rule) {
        return deed.isLifted ? rule.kind == deed.rule.kind && rule.value == deed.rule.value
                && rule.issuedBefore.has_value() == deed.rule.issuedBefore.has_value()
                             : rule.id == deed.rule.id;
    };
    const bool isThere = std::any_of(rules.begin(), rules.end(), isSame);
    if (!deed.isLifted)
        return isThere;
    return !isThere && (!deed.rule.expiresAt || *deed.rule.expiresAt > m_serverModel.clock().utc());
}

void AccessOutcome::undoAdded(AccessList list, const AccessRule &rule)
{
    m_serverModel.client().liftAccess(
        list, rule.id, this, [this](const ApiResult<std::monostate> &result) { undone(result); });
}

void AccessOutcome::undoLifted(AccessList list, const AccessRule &rule)
{
    AccessDraft draft;
    draft.list = list;
    draft.kind = rule.kind;
    draft.value = rule.value;
    draft.issuedBefore = rule.issuedBefore;
    draft.limit = rule.limit;
    draft.reason = rule.reason;
    draft.note = rule.note;
    draft.isForced = true; // it held before
    if (rule.expiresAt) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*rule.expiresAt - m_serverModel.clock().utc());
        draft.lifetime = std::max(left, std::chrono::seconds(1));
    }
    m_serverModel.client().addAccess(draft, this, [this](const ApiResult<AccessRule> &result) { undone(result); });
}

template <typename T> void AccessOutcome::undone(const ApiResult<T> &result)
{
    tell(result ? tr("It is as it was.") : problemText(result.problem()), bool(result), {});
    Q_EMIT changed();
}

void AccessOutcome::refresh()
{
    m_undo->setVisible(m_deed.has_value());
    m_undo->setEnabled(m_serverModel.mayChange(Role::Operator));
}

} // namespace gatehouse
