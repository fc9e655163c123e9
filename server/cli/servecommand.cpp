// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/servecommand.h"

#include "server/app/serve.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Command serveCommand()
{
    return { u"serve"_s, u"Runs the server until it is asked to stop."_s, {}, true,
        [](const CliContext &, const Options &options) { return runServe(options.rest()); } };
}

} // namespace gatehouse
