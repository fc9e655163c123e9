// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/clisettings.h"

#include <QtCore/QUrl>

using namespace Qt::StringLiterals;

namespace gatehouse {

std::variant<LoadedSettings, int> loadForCommand(
    const CliContext &context, const QString &command, const QStringList &arguments)
{
    Result<LoadedSettings> loaded
        = readSettings(arguments, context.environment, context.workingDirectory, context.installedEnvFile);
    if (!loaded) {
        context.err(u"gatehouse %1: %2"_s.arg(command, loaded.error().message));
        return kExitUsage;
    }
    return *std::move(loaded);
}

QString allowedOrigin(const Settings &settings, const QUrl &url)
{
    const QString own
        = url.toString(QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment | QUrl::RemoveUserInfo);
    if (settings.allowedHosts.isEmpty())
        return own;
    const QString pattern
        = settings.allowedHosts.contains(url.host()) ? url.host() : settings.allowedHosts.constFirst();
    if (pattern == "*"_L1 || pattern == url.host())
        return own;
    if (pattern.contains("://"_L1))
        return pattern;
    return u"https://"_s + (pattern.startsWith(u'.') ? pattern.mid(1) : pattern);
}

Result<QUrl> serverUrl(const std::optional<QString> &given, const Settings &settings)
{
    QUrl url;
    if (given) {
        url = QUrl(*given, QUrl::StrictMode);
        const QString scheme = url.scheme();
        const bool isKnown = scheme == "http"_L1 || scheme == "https"_L1 || scheme == "ws"_L1 || scheme == "wss"_L1;
        if (!url.isValid() || !isKnown || url.host().isEmpty())
            return Error{ u"--url: \"%1\" is not a URL like http://127.0.0.1:8080"_s.arg(given->left(200)),
                u"--url"_s };
        if (url.path().size() > 1 || url.hasQuery())
            return Error{ u"--url: give the server's address alone, without a path"_s, u"--url"_s };
        url.setScheme(scheme.endsWith(u's') && scheme != "ws"_L1 ? u"https"_s : u"http"_s);
    } else {
        const ListenAddress &listen = settings.listen;
        if (!listen.unixPath.isEmpty() || listen.port == 0)
            return Error{ u"LISTEN does not say at which port the server is; give it with --url"_s, u"--url"_s };
        url.setScheme(u"http"_s);
        url.setHost(listen.address.isUnspecified() || listen.address == IpAddress::fromIpv4(0)
                ? u"127.0.0.1"_s
                : listen.address.toString());
        url.setPort(listen.port);
    }
    url.setPath({});
    return url;
}

} // namespace gatehouse
