// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QLocale>
#include <QtCore/QTranslator>

namespace gatehouse {

/// The language that the console is shown in: texts, numbers, dates and the direction of writing are all of it,
/// whatever the desktop's is: Arabic digits turn "5 → 12" round in an English text, and 2.5 is 25 where a point
/// separates thousands. GUI thread; uninstalls what it installed.
class Language final
{
    Q_DISABLE_COPY_MOVE(Language)

public:
    /// As near to `wanted` as there is a translation; English if there is none. The default locale is that afterwards.
    explicit Language(const QLocale &wanted);

    /// What numbers and dates are written by: `wanted` with its country if texts are in its language.
    [[nodiscard]] static QLocale localeOf(const QLocale &wanted, const QString &translated);

private:
    QTranslator m_texts;
    QTranslator m_qtTexts;
};

} // namespace gatehouse
