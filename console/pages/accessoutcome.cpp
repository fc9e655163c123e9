// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/accessoutcome.h"

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
    connect(m_undo, &QPushButton::clicked, this, [this] {
        // Once: what it does is told as a new outcome.
        if (const std::function<void()> takeBack = std::exchange(m_takeBack, nullptr))
            takeBack();
        refresh();
    });
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
    tell(wordsFor(list, rule), true, [this, list, rule] { undoAdded(list, rule); });
    Q_EMIT changed();
}

void AccessOutcome::tellLifted(AccessList list, const AccessRule &rule)
{
    tell((list == AccessList::Bans ? tr("The ban of %1 is lifted.") : tr("The exemption of %1 is lifted."))
             .arg(rule.value),
        true, [this, list, rule] { undoLifted(list, rule); });
    Q_EMIT changed();
}

void AccessOutcome::tellFailure(const QString &text)
{
    tell(text, false, {});
}

void AccessOutcome::tell(const QString &text, bool isGood, std::function<void()> undo)
{
    m_takeBack = std::move(undo);
    setLabelRole(*m_text, isGood ? u"good"_s : u"bad"_s);
    m_text->setText(text);
    setVisible(!text.isEmpty());
    refresh();
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
    m_undo->setVisible(bool(m_takeBack));
    m_undo->setEnabled(m_serverModel.mayChange(Role::Operator));
}

} // namespace gatehouse
