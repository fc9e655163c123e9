// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/look/theme.h"

#include <cmath>

#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QApplication>

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// WCAG 2: relative luminance, and the contrast of two colours from 1 to 21.
double luminance(const QColor &color)
{
    const auto linear = [](double channel) {
        return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double lighter = std::max(luminance(a), luminance(b));
    const double darker = std::min(luminance(a), luminance(b));
    return (lighter + 0.05) / (darker + 0.05);
}

} // namespace

class TestTheme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void readsItsNames()
    {
        for (const ThemeMode mode : { ThemeMode::Light, ThemeMode::Dark, ThemeMode::System })
            QCOMPARE(parseThemeMode(themeModeName(mode)), std::optional(mode));
        QVERIFY(!parseThemeMode(u"pink"));
        QVERIFY(!parseThemeMode(u"Dark"));
        QVERIFY(!parseThemeMode({}));
    }

    void switchesLive()
    {
        Theme theme(*qApp);
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(ThemeMode::Dark);
        QVERIFY(theme.isDark());
        QVERIFY(themeColors(qApp->palette()).isDark);
        const QString dark = qApp->styleSheet();
        theme.setMode(ThemeMode::Dark);
        QCOMPARE(changed.count(), 1);
        theme.setMode(ThemeMode::Light);
        QVERIFY(!themeColors(qApp->palette()).isDark);
        QVERIFY(qApp->styleSheet() != dark);
        QCOMPARE(changed.count(), 2);
    }

    void theStyleSheetIsComplete()
    {
        Theme theme(*qApp);
        for (const ThemeMode mode : { ThemeMode::Light, ThemeMode::Dark }) {
            theme.setMode(mode);
            QVERIFY(!qApp->styleSheet().isEmpty());
            QString rules = qApp->styleSheet();
            rules.remove(QRegularExpression(u"/\\*.*?\\*/"_s, QRegularExpression::DotMatchesEverythingOption));
            QVERIFY2(!rules.contains(u'@'), "a colour's name was not replaced");
            // Each picture that it names is in the resources.
            for (const QString &part : qApp->styleSheet().split(u"url("_s).mid(1))
                QVERIFY2(QFile::exists(part.section(u')', 0, 0)), qPrintable(part.section(u')', 0, 0)));
        }
    }

    void textIsReadable_data()
    {
        QTest::addColumn<ThemeMode>("mode");
        QTest::newRow("light") << ThemeMode::Light;
        QTest::newRow("dark") << ThemeMode::Dark;
    }
    void textIsReadable()
    {
        QFETCH(ThemeMode, mode);
        Theme theme(*qApp);
        theme.setMode(mode);
        const ThemeColors &colors = themeColors(qApp->palette());
        for (const QColor &background : { colors.window, colors.card, colors.field }) {
            QVERIFY(contrast(colors.text, background) >= 7);
            QVERIFY(contrast(colors.muted, background) >= 4.5);
            for (const QColor &state : { colors.good, colors.warning, colors.bad })
                QVERIFY2(contrast(state, background) >= 4.5, qPrintable(state.name() + background.name()));
        }
        QVERIFY(contrast(colors.text, colors.selection) >= 7);
        QVERIFY(contrast(colors.onAccent, colors.accent) >= 4.5);
        // The focus ring and the series must be seen (WCAG 1.4.11).
        QVERIFY(contrast(colors.accent, colors.card) >= 3);
        for (const QColor &series : { colors.active, colors.messagesIn, colors.messagesOut })
            QVERIFY(contrast(series, colors.card) >= 3);
    }

    void kindsOfRefusalsAreToldApart()
    {
        Theme theme(*qApp);
        for (const ThemeMode mode : { ThemeMode::Light, ThemeMode::Dark }) {
            theme.setMode(mode);
            const auto &kinds = themeColors(qApp->palette()).refusals;
            for (size_t i = 0; i < kinds.size(); ++i) {
                for (size_t j = i + 1; j < kinds.size(); ++j) {
                    const int distance = std::abs(kinds[i].red() - kinds[j].red())
                        + std::abs(kinds[i].green() - kinds[j].green()) + std::abs(kinds[i].blue() - kinds[j].blue());
                    QVERIFY2(distance > 80, qPrintable(u"%1 %2"_s.arg(i).arg(j)));
                }
            }
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
