// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include <QtWidgets/QApplication>

#include "console/app/consoleapp.h"

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("gatehouse-console"));
    QApplication::setOrganizationName(QStringLiteral("gatehouse"));
    QApplication::setApplicationVersion(QStringLiteral(GATEHOUSE_VERSION));
    const auto options = gatehouse::parseConsoleOptions(QApplication::arguments().mid(1));
    if (!options) {
        const bool isAnswer = !options.error().field.startsWith(QLatin1Char('-')) && !options.error().field.isEmpty();
        std::fprintf(isAnswer ? stdout : stderr, "%s\n", qUtf8Printable(options.error().message));
        return isAnswer ? 0 : 2;
    }
    gatehouse::ConsoleApp console(application, *options);
    if (const gatehouse::Status status = console.start(); !status) {
        std::fprintf(stderr, "gatehouse-console: %s\n", qUtf8Printable(status.error().message));
        return 1;
    }
    return QApplication::exec();
}
