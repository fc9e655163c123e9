// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/importdialog.h"

#include <algorithm>

#include <QtGui/QScreen>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QVBoxLayout>

#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ImportDialog::ImportDialog(std::vector<ImportedProfile> imported, QWidget *parent)
    : QDialog(parent)
    , m_imported(std::move(imported))
{
    setObjectName(u"import"_s);
    setWindowTitle(tr("Import servers"));
    resize(QSize(720, 360).boundedTo(screen()->availableSize() - QSize(32, 64)));
    auto *area = new QScrollArea;
    area->setWidget(makeList());
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    auto *unknown = makeLabel(unknownText(), u"warning"_s);
    unknown->setObjectName(u"import.unknown"_s);
    unknown->setWordWrap(true);
    unknown->setVisible(!unknown->text().isEmpty());
    auto *accept = makeButton(tr("Import"), u"import.accept"_s);
    accept->setProperty("primary", true);
    accept->setDefault(true);
    accept->setEnabled(!m_imported.empty());
    auto *cancel = makeButton(tr("Cancel"), u"import.cancel"_s);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(accept);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(makeLabel(m_imported.empty()
            ? tr("The file holds no server.")
            : tr("The file holds %n server(s). Tokens are never in it.", nullptr, int(m_imported.size())),
        u"heading"_s));
    layout->addWidget(area, 1);
    layout->addWidget(unknown);
    layout->addLayout(buttons);
    connect(accept, &QPushButton::clicked, this, &QDialog::accept);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
}

QWidget *ImportDialog::makeList()
{
    auto *list = new QWidget;
    auto *grid = new QGridLayout(list);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    grid->setColumnStretch(1, 1);
    for (size_t i = 0; i < m_imported.size(); ++i) {
        const ImportedProfile &each = m_imported[i];
        const int row = int(i);
        QString address = each.profile.url.toString();
        if (!each.profile.authority.isEmpty())
            address = tr("%1, with an authority of its own").arg(address);
        grid->addWidget(makeLabel(each.profile.name, QString()), row, 0, Qt::AlignTop);
        auto *where = makeLabel(address, u"muted"_s);
        where->setWordWrap(true);
        grid->addWidget(where, row, 1, Qt::AlignTop);
        if (each.clash && !each.isSame)
            grid->addWidget(makeChoice(i), row, 2, Qt::AlignTop);
        else
            grid->addWidget(
                makeLabel(each.isSame ? tr("is there already") : tr("new"), u"muted"_s), row, 2, Qt::AlignTop);
    }
    grid->setRowStretch(int(m_imported.size()), 1);
    return list;
}

QComboBox *ImportDialog::makeChoice(size_t index)
{
    const ImportedProfile &each = m_imported[index];
    auto *choice = new QComboBox;
    choice->setObjectName(u"import.choice.%1"_s.arg(index));
    choice->setAccessibleName(tr("What to do about “%1”").arg(each.profile.name));
    choice->addItem(
        tr("Replace “%1” (%2)").arg(each.clash->name, each.clash->url.authority()), int(ImportChoice::Replace));
    choice->addItem(tr("Keep both"), int(ImportChoice::KeepBoth));
    choice->addItem(tr("Keep mine only"), int(ImportChoice::Skip));
    choice->setCurrentIndex(choice->findData(int(each.choice)));
    connect(choice, &QComboBox::currentIndexChanged, this,
        [this, choice, index] { m_imported[index].choice = ImportChoice(choice->currentData().toInt()); });
    return choice;
}

QString ImportDialog::unknownText() const
{
    QStringList names;
    for (const ImportedProfile &each : m_imported)
        names << each.profile.unknown.keys();
    names.removeDuplicates();
    return names.isEmpty()
        ? QString()
        : tr("This version does not know what these are for; they are kept: %1").arg(names.join(u", "_s));
}

int ImportDialog::takenCount() const
{
    return int(std::count_if(m_imported.begin(), m_imported.end(),
        [](const ImportedProfile &each) { return each.choice != ImportChoice::Skip; }));
}

} // namespace gatehouse
