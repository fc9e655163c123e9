// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/limitseditor.h"

#include <limits>

#include <QtCore/QSignalBlocker>
#include <QtGui/QWheelEvent>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QLabel>

#include "console/models/titles.h"
#include "console/pages/numberbox.h"
#include "console/pages/widgets.h"
#include "shared/limits/limitdescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kRowsPerLimit = 3; ///< the editors, the error, the line below

/// A wheel that scrolls the page must not change a limit.
class CalmComboBox final : public QComboBox
{
public:
    using QComboBox::QComboBox;

protected:
    void wheelEvent(QWheelEvent *event) override { event->ignore(); }
};

} // namespace

LimitsEditor::LimitsEditor(LimitsModel &model, QWidget *parent)
    : QFrame(parent)
    , m_model(model)
    , m_grid(new QGridLayout(this))
{
    setProperty("card", true);
    m_grid->setContentsMargins(14, 8, 14, 10);
    m_grid->setHorizontalSpacing(16);
    m_grid->setVerticalSpacing(0);
    m_grid->setColumnStretch(0, 3);
    m_grid->setColumnStretch(5, 2);
    connect(&model, &QAbstractItemModel::modelReset, this, &LimitsEditor::sync);
    connect(&model, &QAbstractItemModel::rowsInserted, this, &LimitsEditor::sync);
    connect(&model, &LimitsModel::editsChanged, this, &LimitsEditor::sync);
    sync();
}

void LimitsEditor::setReadOnly(bool isReadOnly)
{
    m_isReadOnly = isReadOnly;
    sync();
}

void LimitsEditor::setCompact(bool isCompact)
{
    if (isCompact == m_isCompact)
        return;
    m_isCompact = isCompact;
    sync();
}

void LimitsEditor::focusLimit(const QString &key)
{
    for (const Row &row : m_rows) {
        if (row.key != key)
            continue;
        row.value->setFocus(Qt::OtherFocusReason);
        row.value->selectAll();
    }
}

void LimitsEditor::rebuild()
{
    for (QWidget *widget : m_widgets)
        delete widget;
    m_widgets.clear();
    m_rows.clear();
    addHeader();
    for (int row = 0; row < m_model.rowCount(); ++row)
        addRow(row);
}

void LimitsEditor::addHeader()
{
    const QString titles[] = { tr("Limit"), tr("Value"), tr("Default"), tr("Mode"), tr("Allowed"), tr("Changed by") };
    int column = 0;
    for (const QString &title : titles) {
        QLabel *label = makeLabel(title, u"muted"_s, this);
        label->setContentsMargins(0, 2, 0, 6);
        m_grid->addWidget(label, 0, column++);
        m_widgets.push_back(label);
        m_changedHeader = label; // the last one
    }
}

QComboBox *LimitsEditor::makeModeBox(const QString &key, const QString &title)
{
    auto *box = new CalmComboBox(this);
    box->setObjectName(u"limits.mode."_s + key);
    box->setAccessibleName(tr("Mode of %1").arg(title));
    for (const LimitMode mode : { LimitMode::Enforce, LimitMode::Observe, LimitMode::Off })
        box->addItem(limitModeTitle(mode), int(mode));
    if (const LimitDescriptor *known = findLimit(key); known && !known->hasMode)
        box->hide();
    return box;
}

void LimitsEditor::addRow(int row)
{
    Row editors{};
    editors.key = index(row).data(LimitsModel::KeyRole).toString();
    const QString title = index(row).data().toString();
    const QString help = index(row).data(LimitsModel::HelpRole).toString();
    auto *names = new QWidget(this);
    auto *nameLayout = new QVBoxLayout(names);
    nameLayout->setContentsMargins(0, 7, 0, 7);
    nameLayout->setSpacing(0);
    editors.title = makeLabel(title, {}, names);
    nameLayout->addWidget(editors.title);
    nameLayout->addWidget(makeLabel(editors.key.toUpper(), u"small"_s, names));
    names->setToolTip(help);

    editors.value = new NumberBox(this);
    editors.value->setObjectName(u"limits.value."_s + editors.key);
    editors.value->setAccessibleName(title);
    editors.value->setAccessibleDescription(help);
    editors.value->setToolTip(help);
    // Wider than the bounds on purpose: a wrong number is named, not quietly turned into another.
    editors.value->setRange(0, std::numeric_limits<int>::max());
    editors.value->setGroupSeparatorShown(true);
    editors.value->setMinimumWidth(118);
    editors.mode = makeModeBox(editors.key, title);
    editors.defaultValue = makeLabel({}, u"muted"_s, this);
    editors.bounds = makeLabel({}, u"muted"_s, this);
    editors.changed = makeLabel({}, u"muted"_s, this);
    editors.changed->setWordWrap(true);
    editors.error = makeLabel({}, u"bad"_s, this);
    editors.error->setObjectName(u"limits.error."_s + editors.key);
    editors.error->setWordWrap(true);
    editors.error->setContentsMargins(0, 0, 0, 6);
    auto *line = new QFrame(this);
    line->setProperty("line", true);
    line->setFixedHeight(1);

    const int at = 1 + row * kRowsPerLimit;
    m_grid->addWidget(line, at, 0, 1, 6);
    QWidget *cells[] = { names, editors.value, editors.defaultValue, editors.mode, editors.bounds, editors.changed };
    for (int column = 0; column < 6; ++column)
        m_grid->addWidget(cells[column], at + 1, column, Qt::AlignVCenter);
    m_grid->addWidget(editors.error, at + 2, 0, 1, 6);
    for (QWidget *widget : cells)
        m_widgets.push_back(widget);
    m_widgets.push_back(editors.error);
    m_widgets.push_back(line);
    connectRow(row, editors);
    m_rows.push_back(editors);
}

void LimitsEditor::connectRow(int row, const Row &editors)
{
    connect(editors.value, &QSpinBox::valueChanged, this, [this, row, box = editors.value](int value) {
        if (box->isReadable()) // else it is the number before
            m_model.stageValue(row, qint64(value));
    });
    connect(editors.value, &NumberBox::textEdited, this,
        [this, row](const QString &text) { m_model.stageValue(row, text); });
    connect(editors.mode, &QComboBox::activated, this,
        [this, row, mode = editors.mode] { m_model.stageMode(row, LimitMode(mode->currentData().toInt())); });
}

void LimitsEditor::sync()
{
    bool isSame = int(m_rows.size()) == m_model.rowCount() && !m_widgets.empty();
    for (size_t i = 0; isSame && i < m_rows.size(); ++i)
        isSame = m_rows[i].key == index(int(i)).data(LimitsModel::KeyRole).toString();
    if (!isSame)
        rebuild();
    m_changedHeader->setVisible(!m_isCompact);
    for (int row = 0; row < m_model.rowCount(); ++row)
        syncRow(row);
}

void LimitsEditor::syncRow(int row)
{
    const Row &editors = m_rows[size_t(row)];
    const QModelIndex at = index(row);
    const QSignalBlocker valueBlocker(editors.value);
    const QVariant typed = index(row, LimitsModel::ValueColumn).data(Qt::EditRole);
    const qint64 staged = at.data(LimitsModel::StagedValueRole).toLongLong();
    if (typed.typeId() == QMetaType::QString || staged > editors.value->maximum())
        editors.value->showAsTyped(typed.toString());
    else
        editors.value->setNumber(staged);
    editors.mode->setCurrentIndex(editors.mode->findData(at.data(LimitsModel::StagedModeRole)));
    const bool isStaged = at.data(LimitsModel::IsStagedRole).toBool();
    setLabelRole(*editors.title, isStaged ? u"heading"_s : QString());
    editors.value->setEnabled(!m_isReadOnly);
    editors.mode->setEnabled(!m_isReadOnly);
    editors.defaultValue->setText(index(row, LimitsModel::DefaultColumn).data().toString());
    editors.bounds->setText(index(row, LimitsModel::BoundsColumn).data().toString());
    editors.changed->setText(index(row, LimitsModel::ChangedColumn).data().toString());
    editors.changed->setVisible(!m_isCompact);
    const QString error = at.data(LimitsModel::ErrorRole).toString();
    editors.error->setText(error.isEmpty() ? error : editors.title->text() + u": " + error);
    editors.error->setVisible(!error.isEmpty());
}

} // namespace gatehouse
