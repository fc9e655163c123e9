// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/statedirectory.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include "server/auth/jwtkey.h"
#include "server/config/stateowner.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxSecretFileBytes = 4096;

QString lastError()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

QByteArray randomSecret()
{
    std::array<quint32, 8> words{}; // 32 bytes from the system's generator
    QRandomGenerator::system()->fillRange(words.data(), qsizetype(words.size()));
    const QByteArray bytes(reinterpret_cast<const char *>(words.data()), sizeof(words));
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

/// Writes a new file of mode 0600, down to the disk. False leaves errno set.
bool writePrivateFile(const QByteArray &path, const QByteArray &content)
{
    const int fd = ::open(path.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    const bool isWritten
        = ::write(fd, content.constData(), size_t(content.size())) == content.size() && ::fsync(fd) == 0;
    const int failure = errno;
    ::close(fd);
    errno = failure;
    return isWritten;
}

/// Creates the secret's file if nobody else did meanwhile: whether it is this one.
Result<bool> createSecret(const QString &path)
{
    const QByteArray finalPath = QFile::encodeName(path);
    const QByteArray draftPath = finalPath + ".new-" + QByteArray::number(::getpid());
    ::unlink(draftPath.constData()); // left by a crash of a process that had the same id
    // link() instead of rename(): it never replaces a secret that another process has just made.
    const bool isWritten = writePrivateFile(draftPath, randomSecret() + '\n');
    const bool isMade = isWritten && ::link(draftPath.constData(), finalPath.constData()) == 0;
    const bool isThere = isMade || (isWritten && errno == EEXIST);
    const QString reason = lastError();
    ::unlink(draftPath.constData());
    if (!isThere)
        return Error{ u"%1: cannot be created (%2)"_s.arg(path, reason), u"STATE_DIR"_s };
    return isMade;
}

/// Makes the directory and those above it, all 0700. False leaves errno set.
bool makeDirectories(const QString &path)
{
    const QString parent = QFileInfo(path).path();
    if (parent != path && !QFileInfo::exists(parent) && !makeDirectories(parent))
        return false;
    return ::mkdir(QFile::encodeName(path).constData(), 0700) == 0 || errno == EEXIST;
}

} // namespace

Result<QString> defaultStateDirectory(const QProcessEnvironment &environment)
{
    const QString systemd = environment.value(u"STATE_DIRECTORY"_s).section(u':', 0, 0);
    if (!systemd.isEmpty())
        return systemd;
    const QString xdg = environment.value(u"XDG_STATE_HOME"_s);
    if (QDir::isAbsolutePath(xdg)) // relative ones are to be ignored, says the specification
        return QString(xdg + u"/gatehouse"_s);
    const QString home = environment.value(u"HOME"_s);
    if (home.isEmpty())
        return Error{ u"STATE_DIR is not set, and there is no HOME to keep state in"_s, u"STATE_DIR"_s };
    return QString(home + u"/.local/state/gatehouse"_s);
}

Result<QString> prepareStateDirectory(const QString &path)
{
    if (!makeDirectories(path))
        return Error{ u"STATE_DIR %1: cannot be created (%2)"_s.arg(path, lastError()), u"STATE_DIR"_s };
    const QByteArray name = QFile::encodeName(path);
    struct stat info
    {
    };
    if (::stat(name.constData(), &info) != 0 || !S_ISDIR(info.st_mode))
        return Error{ u"STATE_DIR %1: is not a directory"_s.arg(path), u"STATE_DIR"_s };
    if (::access(name.constData(), W_OK | X_OK) != 0)
        return Error{ u"STATE_DIR %1: cannot be written to (%2); %3"_s.arg(path, lastError(), ownershipAdvice(path)),
            u"STATE_DIR"_s };
    if ((info.st_mode & 0077) != 0)
        return u"STATE_DIR %1: other users have access to it; chmod 700 closes it"_s.arg(path);
    return QString();
}

QString stateFilePath(const QString &stateDir)
{
    return stateDir + u"/gatehouse.db"_s;
}

QString secretPath(const QString &stateDir)
{
    return stateDir + u"/jwt_secret"_s;
}

Result<bool> makeSecretUnlessThere(const QString &stateDir)
{
    const QString path = secretPath(stateDir);
    if (QFile::exists(path))
        return false;
    return createSecret(path);
}

Result<QByteArray> readSecret(const QString &stateDir)
{
    const QString path = secretPath(stateDir);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        // Not QFile::exists(), which is false too in a directory that may not be looked into.
        struct stat info
        {
        };
        const bool isMissing = ::stat(QFile::encodeName(path).constData(), &info) != 0 && errno == ENOENT;
        return Error{ isMissing
                ? u"JWT_SECRET is not set, and there is no %1, which \"gatehouse serve\" makes at its first start; --env-file names the server's settings"_s
                      .arg(path)
                : u"%1: cannot be read (%2); run this as the server's user or as root, or set JWT_SECRET"_s.arg(
                    path, file.errorString()),
            u"JWT_SECRET"_s };
    }
    const QByteArray secret = file.read(kMaxSecretFileBytes).trimmed();
    if (secret.size() < kMinSecretBytes)
        return Error{
            u"%1: the secret in it is shorter than %2 bytes; set JWT_SECRET, or remove the file to have a new one made"_s
                .arg(path)
                .arg(kMinSecretBytes),
            u"JWT_SECRET"_s
        };
    return secret;
}

} // namespace gatehouse
