// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtWidgets/QFrame>

#include "console/models/pagedmodel.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class ColumnLayout;
class DataTable;

/// One list of the panel of a subject: what it is, how many, what is not loaded, the rows, and the way to their page.
/// It loads by itself. Its parts are named `name`.table, .count, .more and .there.
class SubjectPart final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SubjectPart)

public:
    struct Texts
    {
        QString name;
        QString title;
        QString there; ///< of the button that leads to the page
    };

    /// `source` is what loads, `rows` what of it is shown, which may be the same; both must outlive it.
    SubjectPart(const Texts &texts, PagedModel &source, QAbstractItemModel &rows, QWidget *parent = nullptr);

    [[nodiscard]] DataTable *table() { return m_table; }
    /// What it says beside its title once it has loaded.
    void setSummary(std::function<QString()> summary);

Q_SIGNALS:
    void thereRequested();

private:
    void refresh();

    PagedModel &m_source;
    std::function<QString()> m_summary;
    QLabel *m_count;
    DataTable *m_table;
    QPushButton *m_there;
    bool m_isLoaded = false; ///< there was an answer
};

} // namespace gatehouse
