// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/tokenhelp.h"

#include <QtGui/QClipboard>
#include <QtGui/QFontDatabase>
#include <QtWidgets/QApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

TokenHelp::TokenHelp(const QString &objectName, QWidget *parent)
    : QWidget(parent)
{
    setObjectName(objectName);
    auto *sentence = makeLabel(
        tr("On the server, as the user that it runs as, this prints one. The role is viewer, operator or admin:"),
        u"small"_s);
    sentence->setWordWrap(true);
    auto *line = new QLineEdit(command());
    line->setObjectName(objectName + u".command");
    line->setAccessibleName(tr("The command that prints a token"));
    line->setReadOnly(true);
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPointSizeF(line->font().pointSizeF() - 1);
    line->setFont(fixed);
    line->setCursorPosition(0);
    auto *copy = makeButton(tr("Copy"), objectName + u".copy");
    copy->setAccessibleName(tr("Copy the command that prints a token"));
    auto *row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(line, 1);
    row->addWidget(copy);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(sentence);
    layout->addLayout(row);
    connect(copy, &QPushButton::clicked, this, [copy] {
        QApplication::clipboard()->setText(command());
        copy->setText(tr("Copied"));
    });
    m_command = line;
    m_copy = copy;
}

QString TokenHelp::command()
{
    return u"gatehouse token --user 1 --role operator --expires 12h"_s;
}

} // namespace gatehouse
