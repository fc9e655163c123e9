// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/language.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLibraryInfo>

using namespace Qt::StringLiterals;

namespace gatehouse {

Language::Language(const QLocale &wanted)
{
    const auto load
        = [this](const QLocale &locale) { return m_texts.load(locale, u"gatehouse-console"_s, u"_"_s, u":/i18n"_s); };
    // English has its plurals in a file too.
    if (load(wanted) || load(QLocale(QLocale::English)))
        QCoreApplication::installTranslator(&m_texts);
    const QLocale shown = localeOf(wanted, m_texts.language());
    QLocale::setDefault(shown);
    if (m_qtTexts.load(shown, u"qtbase"_s, u"_"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qtTexts);
}

QLocale Language::localeOf(const QLocale &wanted, const QString &translated)
{
    const QLocale texts(translated.isEmpty() ? u"en"_s : translated);
    // Made anew: the desktop's own locale may write its numbers by yet another one.
    return texts.language() == wanted.language() ? QLocale(wanted.language(), wanted.territory()) : texts;
}

} // namespace gatehouse
