// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/subjectmenu.h"

#include <algorithm>

#include <QtGui/QClipboard>
#include <QtGui/QFontMetrics>
#include <QtGui/QGuiApplication>

#include "console/pages/bandialog.h"
#include "console/pages/datatable.h"
#include "console/pages/subjectpanel.h"
#include "console/pages/tabletools.h"
#include "shared/limits/limitprofile.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr auto kNeeds = "needs"; ///< the property of an entry that changes the server: whose role it takes
constexpr int kMenuWidth = 420;  ///< of a text, in pixels: clients choose their Origin

/// Clients choose what stands there: it makes no menu wide, and no letter of it a shortcut.
QString forMenu(const QString &text)
{
    return QFontMetrics(QGuiApplication::font()).elidedText(text, Qt::ElideMiddle, kMenuWidth).replace(u'&', u"&&"_s);
}

} // namespace

SubjectMenu::Actions SubjectMenu::accessActions()
{
    return { SubjectAction::Ban, SubjectAction::LogOut, SubjectAction::Exempt, SubjectAction::ExemptNetwork,
        SubjectAction::OwnNumber };
}

SubjectMenu::SubjectMenu(ServerModel &serverModel, QWidget *parent, const Actions &wanted)
    : QMenu(parent)
    , m_serverModel(serverModel)
    , m_wanted(wanted)
    , m_why(new QAction(this))
{
    if (m_wanted.empty()) {
        m_wanted = accessActions();
        m_wanted.insert(m_wanted.end(), { SubjectAction::Everything, SubjectAction::Copy });
    }
    m_why->setObjectName(u"subject.why"_s);
    m_why->setEnabled(false);
    setToolTipsVisible(true);
    connect(this, &QMenu::aboutToShow, this, &SubjectMenu::refresh);
    connect(&m_serverModel, &ServerModel::serverLeft, this, [this] {
        close();
        setSubjects({});
    });
}

void SubjectMenu::setSubjects(const std::vector<Subject> &subjects)
{
    if (subjects == m_subjects)
        return;
    m_subjects = subjects;
    rebuild();
}

void SubjectMenu::setTail(const QList<QAction *> &actions)
{
    m_tail = actions;
    rebuild();
}

void SubjectMenu::rebuild()
{
    for (QAction *action : actions()) {
        removeAction(action);
        if (action->parent() == this && action != m_why) {
            action->setParent(nullptr);
            action->deleteLater(); // it may be the one that was chosen
        }
    }
    for (const Subject &subject : m_subjects)
        addEntries(subject);
    if (!m_subjects.empty())
        addAction(m_why);
    if (!m_tail.isEmpty()) {
        if (!isEmpty())
            addSeparator();
        addActions(m_tail);
    }
    refresh();
}

void SubjectMenu::addEntries(const Subject &subject)
{
    const std::vector<SubjectAction> all = actionsFor(subject);
    const auto isWanted = [this](SubjectAction action) {
        return std::find(m_wanted.begin(), m_wanted.end(), action) != m_wanted.end();
    };
    if (std::none_of(all.begin(), all.end(), isWanted))
        return;
    if (!isEmpty())
        addSeparator();
    QAction *heading = addAction(forMenu(subjectTitle(subject))); // a section's text is not seen in every style
    heading->setObjectName(u"subject.title."_s + subjectKindName(subject.kind));
    heading->setEnabled(false);
    for (const SubjectAction what : all) {
        if (!isWanted(what))
            continue;
        QAction *action = addAction(forMenu(actionTitle(what, subject)));
        action->setObjectName(u"subject.%1.%2"_s.arg(subjectActionName(what), subjectKindName(subject.kind)));
        action->setProperty(kNeeds, int(roleFor(what)));
        connect(action, &QAction::triggered, this, [this, what, subject] { act(what, subject); });
    }
}

void SubjectMenu::refresh()
{
    QString why;
    for (QAction *action : actions()) {
        const QVariant needs = action->property(kNeeds);
        if (!needs.isValid() || Role(needs.toInt()) == Role::Viewer)
            continue;
        const QString reason = !m_serverModel.isLive()  ? tr("Not now: there is no connection to the server")
            : !m_serverModel.mayDo(Role(needs.toInt())) ? tr("Not with this token: its role may only look")
            : m_serverModel.editLock().isLocked()       ? tr("Locked: Ctrl+L unlocks this server")
                                                        : QString();
        action->setEnabled(reason.isEmpty());
        action->setToolTip(reason);
        if (!reason.isEmpty())
            why = reason;
    }
    m_why->setText(why);
    m_why->setVisible(!why.isEmpty());
}

void SubjectMenu::act(SubjectAction action, const Subject &subject)
{
    if (roleFor(action) != Role::Viewer && !m_serverModel.mayChange(roleFor(action)))
        return; // the lock may have closed while the menu was open
    switch (action) {
    case SubjectAction::OnlyThis:
        Q_EMIT onlyRequested(subject);
        return;
    case SubjectAction::Everything:
        SubjectPanel::open(m_serverModel, subject, parentWidget());
        return;
    case SubjectAction::Copy:
        QGuiApplication::clipboard()->setText(subject.value);
        return;
    case SubjectAction::ChangeLimit:
        Q_EMIT limitRequested(subject.limit);
        return;
    default:
        askForAccess(action, subject);
    }
}

void SubjectMenu::askForAccess(SubjectAction action, const Subject &subject)
{
    AccessDraft preset;
    const bool isBan = action == SubjectAction::Ban || action == SubjectAction::LogOut;
    preset.list = isBan ? AccessList::Bans : AccessList::Exemptions;
    preset.kind = subject.kind == SubjectKind::User ? AccessKind::User
        : action == SubjectAction::ExemptNetwork    ? AccessKind::Cidr
                                                    : AccessKind::Address;
    preset.value = action == SubjectAction::ExemptNetwork ? networkOf(subject.value) : subject.value;
    preset.isOfTokensSoFar = action == SubjectAction::LogOut;
    if (action == SubjectAction::OwnNumber)
        preset.limit = limitProfile(LimitProfile::Site).valueOf(LimitKey::MaxConnectionsPerIp);
    auto *dialog = new BanDialog(m_serverModel, preset, parentWidget());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &BanDialog::added, this, &SubjectMenu::added);
    dialog->open();
}

void installSubjectMenu(
    DataTable *table, SubjectMenu *menu, std::function<std::optional<Subject>(const QModelIndex &)> subjectAt)
{
    installRowMenu(table, menu, [table, menu, subjectAt = std::move(subjectAt)] {
        const std::optional<Subject> subject = subjectAt(table->currentIndex());
        menu->setSubjects(subject ? std::vector<Subject>{ *subject } : std::vector<Subject>());
    });
    menu->setTail(table->actions());
}

} // namespace gatehouse
