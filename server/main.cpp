// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>

#include "server/app/systemclock.h"
#include "server/cli/benchcommand.h"
#include "server/cli/checkcommand.h"
#include "server/cli/configcommand.h"
#include "server/cli/democommand.h"
#include "server/cli/servecommand.h"
#include "server/cli/testcommand.h"
#include "server/cli/tokencommand.h"

namespace {

void print(FILE *stream, const QString &text)
{
    std::fprintf(stream, "%s\n", qUtf8Printable(text));
    std::fflush(stream);
}

QByteArray readInput(qint64 most)
{
    QFile input;
    return input.open(stdin, QIODevice::ReadOnly) ? input.read(most) : QByteArray();
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("gatehouse"));
    QCoreApplication::setApplicationVersion(QStringLiteral(GATEHOUSE_VERSION));
    const gatehouse::SystemClock clock;
    const gatehouse::CliContext context{
        QProcessEnvironment::systemEnvironment(),
        QDir::currentPath(),
        clock,
        [](const QString &text) { print(stdout, text); },
        [](const QString &text) { print(stderr, text); },
        [](qint64 most) { return readInput(most); },
    };
    const gatehouse::CommandLine commandLine(context,
        { gatehouse::serveCommand(), gatehouse::checkCommand(), gatehouse::testCommand(), gatehouse::tokenCommand(),
            gatehouse::benchCommand(), gatehouse::configCommand(), gatehouse::demoCommand() });
    const int exitCode = commandLine.run(QCoreApplication::arguments().mid(1));
    if (exitCode != gatehouse::kExitOk || std::ferror(stdout) == 0)
        return exitCode;
    // A token that never arrived, as on a full disk, must not look like one that did.
    print(stderr, QStringLiteral("gatehouse: cannot write to standard output"));
    return gatehouse::kExitFailed;
}
