// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QFrame;
class QLabel;
class QVBoxLayout;
QT_END_NAMESPACE

namespace gatehouse {

class AlertsModel;

/// The buttons at the left, one for each page, in groups with a heading; in a narrow window their icons only, and a
/// line between the groups. Named "navigation", a button nav.NAME, a heading nav.group.NAME; nav.alerts.badge counts
/// the alerts that are raised. GUI thread.
class NavigationBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NavigationBar)

public:
    /// The model must outlive the bar.
    explicit NavigationBar(const AlertsModel &alerts, QWidget *parent = nullptr);

    /// What is added from now on stands below this heading.
    void addGroup(const QString &name, const QString &title);
    /// Adds a button; `name` is also that of its icon. The first one is pressed.
    void add(const QString &name, const QString &title);
    /// Presses a button. The focus goes with it if it is in the bar.
    void setCurrent(int index);
    void setCompact(bool isCompact);
    /// While there is no connection no number is one of now: none is shown.
    void setLive(bool isLive);
    [[nodiscard]] bool isCompact() const { return m_isCompact; }

Q_SIGNALS:
    void chosen(int index);

private:
    void addBadge(QWidget *button);
    void refreshBadge();
    void refreshTexts();

    const AlertsModel &m_alerts;
    QVBoxLayout *m_layout;
    QButtonGroup *m_buttons;
    QStringList m_titles;
    QLabel *m_badge;
    struct Group
    {
        QLabel *heading;
        QFrame *line;
    };
    std::vector<Group> m_groups;
    bool m_isLive = true;
    bool m_isCompact = false;
};

} // namespace gatehouse
