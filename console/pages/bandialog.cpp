// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/bandialog.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

#include "console/models/titles.h"
#include "console/pages/numberbox.h"
#include "console/pages/widgets.h"
#include "shared/limits/limitdescriptor.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr int kTokensOfUser = 100; ///< beside the kinds on the wire: it is the kind User there

} // namespace

BanDialog::BanDialog(ServerModel &serverModel, const AccessDraft &preset, QWidget *parent)
    : QDialog(parent)
    , m_serverModel(serverModel)
    , m_list(preset.list)
    , m_kind(new QComboBox(this))
    , m_value(new QLineEdit(preset.value, this))
    , m_reason(new QLineEdit(preset.reason, this))
    , m_ends(new QComboBox(this))
    , m_note(new QLineEdit(preset.note, this))
    , m_limit(new NumberBox(this))
    , m_help(makeLabel({}, u"muted"_s, this))
    , m_error(makeLabel({}, u"bad"_s, this))
    , m_accept(makeButton(m_list == AccessList::Bans ? tr("Ban") : tr("Exempt"), u"ban.accept"_s, {}, this))
{
    setObjectName(u"ban"_s);
    setWindowTitle(m_list == AccessList::Bans ? tr("Ban") : tr("Exempt from limits"));
    setMinimumWidth(460);
    m_help->setWordWrap(true);
    m_help->setObjectName(u"ban.help"_s);
    m_error->setWordWrap(true);
    m_error->setObjectName(u"ban.error"_s);
    m_error->hide();
    m_accept->setProperty(m_list == AccessList::Bans ? "danger" : "primary", true);
    m_accept->setDefault(true);
    fillKinds();
    fillEnds();
    m_limit->setRange(0, int(limitDescriptor(LimitKey::MaxConnectionsPerIp).maximum));
    m_limit->setSpecialValueText(tr("not counted"));
    m_limit->setValue(int(preset.limit.value_or(0)));
    m_kind->setCurrentIndex(m_kind->findData(preset.isOfTokensSoFar ? kTokensOfUser : int(preset.kind)));
    QPushButton *cancel = makeButton(tr("Cancel"), u"ban.cancel"_s, {}, this);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_accept);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 14);
    layout->setSpacing(11);
    layout->addLayout(makeForm());
    layout->addWidget(m_help);
    layout->addWidget(m_error);
    layout->addStretch(1);
    layout->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_accept, &QPushButton::clicked, this, [this] { send(false); });
    connect(m_kind, &QComboBox::currentIndexChanged, this, &BanDialog::kindChanged);
    connect(m_value, &QLineEdit::textChanged, this, &BanDialog::check);
    connect(m_limit, &NumberBox::textEdited, this, &BanDialog::check);
    connect(m_limit, &NumberBox::editingFinished, this, &BanDialog::check);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &BanDialog::check);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &BanDialog::check);
    tabInOrder({ m_kind, m_value, m_limit, m_reason, m_ends, m_note, cancel, m_accept });
    kindChanged();
    (m_value->text().isEmpty() ? m_value : m_reason)->setFocus();
}

QFormLayout *BanDialog::makeForm()
{
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto add = [form](const QString &title, QWidget *field, const QString &name) {
        field->setObjectName(u"ban."_s + name);
        field->setAccessibleName(title);
        form->addRow(title, field);
    };
    add(tr("Kind"), m_kind, u"kind"_s);
    add(tr("What"), m_value, u"value"_s);
    if (m_list == AccessList::Exemptions)
        add(tr("Connections of an address"), m_limit, u"limit"_s);
    else
        m_limit->hide();
    add(tr("Reason"), m_reason, u"reason"_s);
    add(tr("Ends"), m_ends, u"ends"_s);
    add(tr("Note"), m_note, u"note"_s);
    m_reason->setMaxLength(200);
    m_reason->setPlaceholderText(tr("for operators; clients are not told"));
    m_note->setMaxLength(500);
    return form;
}

void BanDialog::fillKinds()
{
    m_kind->addItem(tr("Address"), int(AccessKind::Address));
    m_kind->addItem(tr("Network"), int(AccessKind::Cidr));
    if (m_list == AccessList::Exemptions)
        return;
    m_kind->addItem(tr("User"), int(AccessKind::User));
    m_kind->addItem(tr("All tokens of a user until now"), kTokensOfUser);
    m_kind->addItem(tr("Token id (jti)"), int(AccessKind::TokenId));
}

void BanDialog::fillEnds()
{
    const auto add
        = [this](const QString &text, std::chrono::seconds after) { m_ends->addItem(text, qlonglong(after.count())); };
    add(tr("after an hour"), 1h);
    add(tr("after a day"), 24h);
    add(tr("after a week"), 7 * 24h);
    add(tr("after 30 days"), 30 * 24h);
    add(tr("when it is lifted"), 0s);
    m_ends->setCurrentIndex(m_list == AccessList::Bans ? 1 : 4);
}

void BanDialog::kindChanged()
{
    struct Texts
    {
        QString example;
        QString help;
    };
    const bool isBan = m_list == AccessList::Bans;
    const QString exempt
        = tr("Connections from there count neither for the limit of connections per address nor for that of "
             "reconnects; with a number, each address may have so many. A ban wins.");
    const auto texts = [&]() -> Texts {
        switch (m_kind->currentData().toInt()) {
        case int(AccessKind::Address):
            return { u"203.0.113.7"_s,
                isBan ? tr("Its open connections are closed at once. An IPv6 address stands for its /64.") : exempt };
        case int(AccessKind::Cidr):
            return { u"203.0.113.0/24"_s, isBan ? tr("Open connections from there are closed at once.") : exempt };
        case int(AccessKind::User):
            return { u"42"_s,
                tr("The user's connections are closed at once, and none is let in, whatever the token.") };
        case kTokensOfUser:
            return { u"42"_s,
                tr("Logs the user out everywhere: every token issued until now is refused, a new log-in works.") };
        default:
            return { u"d7f0a2…"_s, tr("This one token is refused; its open connections are closed at once.") };
        }
    }();
    m_value->setPlaceholderText(texts.example);
    m_help->setText(texts.help);
    check();
}

AccessDraft BanDialog::draft() const
{
    const int kind = m_kind->currentData().toInt();
    AccessDraft draft;
    draft.list = m_list;
    draft.kind = kind == kTokensOfUser ? AccessKind::User : AccessKind(kind);
    draft.isOfTokensSoFar = kind == kTokensOfUser;
    draft.value = m_value->text().trimmed();
    if (m_list == AccessList::Exemptions && m_limit->value() > 0)
        draft.limit = m_limit->value();
    draft.lifetime = std::chrono::seconds(m_ends->currentData().toLongLong());
    draft.reason = m_reason->text().trimmed();
    draft.note = m_note->text().trimmed();
    return draft;
}

void BanDialog::check()
{
    m_accept->setEnabled(!m_isSending && m_serverModel.mayChange(Role::Operator) && !m_value->text().trimmed().isEmpty()
        && m_limit->isReadable());
}

void BanDialog::send(bool isForced)
{
    if (m_isSending || !m_serverModel.mayChange(Role::Operator)) // the lock may have closed while the dialog was open
        return;
    AccessDraft wanted = draft();
    wanted.isForced = isForced;
    m_isSending = true;
    m_error->hide();
    check();
    m_serverModel.client().addAccess(wanted, this, [this](const ApiResult<AccessRule> &result) { answered(result); });
}

void BanDialog::answered(const ApiResult<AccessRule> &result)
{
    m_isSending = false;
    check();
    if (result) {
        Q_EMIT added(m_list, *result);
        accept();
    } else if (result.problem().code == "would_ban_yourself"_L1) {
        askBefore(this, u"ban.yourself"_s, tr("This would ban you too."),
            tr("Your own address, user or token is among what this bans. The admin API stays reachable from a banned "
               "address, "
               "but not for a banned user."),
            tr("Ban all the same"), [this] { send(true); });
    } else if (result.problem().code == "would_ban_last_admin"_L1) {
        askBefore(this, u"ban.lastadmin"_s, tr("This would ban the last administrator."),
            tr("Nobody would be left who may lift this ban, throw the switch or manage the server from here. To undo "
               "it, "
               "ADMIN_USERS must be changed on the server."),
            tr("Ban all the same"), [this] { send(true); });
    } else {
        m_error->setText(problemText(result.problem()));
        m_error->show();
    }
}

} // namespace gatehouse
