// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include <QtWidgets/QApplication>

#include "console/app/consoleapp.h"

namespace {

/// What the command line says. Of no application with windows: help and errors need no display.
gatehouse::Result<gatehouse::ConsoleOptions> readCommandLine(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments().mid(1);
    return gatehouse::parseConsoleOptions(gatehouse::withoutQtOptions(arguments));
}

} // namespace

int main(int argc, char **argv)
{
    const auto options = readCommandLine(argc, argv);
    if (!options)
        return gatehouse::printAnswer(options.error());
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("gatehouse-console"));
    QApplication::setOrganizationName(QStringLiteral("gatehouse"));
    QApplication::setApplicationVersion(QStringLiteral(GATEHOUSE_VERSION));
    gatehouse::ConsoleApp console(application, *options);
    if (const gatehouse::Status status = console.start(); !status) {
        std::fprintf(stderr, "gatehouse-console: %s\n", qUtf8Printable(status.error().message));
        return 1;
    }
    return QApplication::exec();
}
