// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/filterfield.h"

using namespace std::chrono_literals;

namespace gatehouse {

FilterField::FilterField(QWidget *parent)
    : QLineEdit(parent)
{
    setClearButtonEnabled(true);
    m_typing.setSingleShot(true);
    m_typing.setInterval(200ms);
    connect(this, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(&m_typing, &QTimer::timeout, this, [this] { Q_EMIT settled(text().trimmed()); });
    connect(this, &QLineEdit::returnPressed, this, [this] {
        m_typing.stop();
        Q_EMIT settled(text().trimmed());
    });
}

} // namespace gatehouse
