// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redissocket.h"

#include <optional>

#include <QtCore/QFile>
#include <QtNetwork/QLocalSocket>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslError>
#include <QtNetwork/QSslKey>
#include <QtNetwork/QSslSocket>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kReadBytes = 256 * 1024;

Result<QList<QSslCertificate>> readCertificates(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"TLS: %1 cannot be read (%2)"_s.arg(path, file.errorString()), {} };
    const QList<QSslCertificate> certificates = QSslCertificate::fromDevice(&file);
    if (certificates.isEmpty())
        return Error{ u"TLS: %1 holds no certificate in PEM form"_s.arg(path), {} };
    return certificates;
}

Result<QSslKey> readKey(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"TLS: %1 cannot be read (%2)"_s.arg(path, file.errorString()), {} };
    const QByteArray text = file.readAll();
    for (const QSsl::KeyAlgorithm algorithm : { QSsl::Ec, QSsl::Rsa }) {
        if (const QSslKey key(text, algorithm); !key.isNull())
            return key;
    }
    return Error{ u"TLS: %1 holds no RSA or EC key in PEM form"_s.arg(path), {} };
}

Result<QSslConfiguration> tlsConfiguration(const RedisTarget &target)
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    if (!target.caFile.isEmpty()) {
        const auto authorities = readCertificates(target.caFile);
        if (!authorities)
            return authorities.error();
        configuration.setCaCertificates(*authorities);
    }
    if (!target.certFile.isEmpty()) {
        const auto chain = readCertificates(target.certFile);
        if (!chain)
            return chain.error();
        const auto key = readKey(target.keyFile);
        if (!key)
            return key.error();
        configuration.setLocalCertificateChain(*chain);
        configuration.setPrivateKey(*key);
    }
    return configuration;
}

} // namespace

RedisSocket::RedisSocket(QObject *parent)
    : QObject(parent)
{
}

RedisSocket::~RedisSocket()
{
    abort();
}

void RedisSocket::open(const RedisTarget &target)
{
    if (target.unixPath.isEmpty())
        openTcp(target);
    else
        openUnix(target.unixPath);
}

void RedisSocket::openTcp(const RedisTarget &target)
{
    m_tcp = new QSslSocket(this);
    m_device = m_tcp;
    connect(m_tcp, &QSslSocket::readyRead, this, &RedisSocket::take);
    connect(m_tcp, &QSslSocket::errorOccurred, this, [this](QAbstractSocket::SocketError error) {
        if (m_isCatchingUp && error == QAbstractSocket::SocketTimeoutError)
            return;
        take(); // what was sent before the end counts
        fail(tcpReason());
    });
    connect(m_tcp, &QSslSocket::connected, this, [this] {
        m_tcp->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        m_tcp->setSocketOption(QAbstractSocket::KeepAliveOption, 1);
    });
    if (!target.isTls) {
        connect(m_tcp, &QSslSocket::connected, this, &RedisSocket::opened);
        m_tcp->connectToHost(target.endpoint.host, target.endpoint.port);
        return;
    }
    if (!QSslSocket::supportsSsl())
        return fail(u"TLS: this installation of Qt has none"_s);
    const auto configuration = tlsConfiguration(target);
    if (!configuration)
        return fail(configuration.error().message);
    m_tcp->setSslConfiguration(*configuration);
    connect(m_tcp, &QSslSocket::encrypted, this, &RedisSocket::opened);
    connect(m_tcp, &QSslSocket::sslErrors, this, [this](const QList<QSslError> &errors) {
        QStringList texts;
        for (const QSslError &error : errors)
            texts.append(error.errorString());
        m_tlsErrors = texts.join(u"; "_s);
    });
    m_tcp->connectToHostEncrypted(target.endpoint.host, target.endpoint.port);
}

void RedisSocket::openUnix(const QString &path)
{
    m_unix = new QLocalSocket(this);
    m_device = m_unix;
    connect(m_unix, &QLocalSocket::readyRead, this, &RedisSocket::take);
    connect(m_unix, &QLocalSocket::connected, this, &RedisSocket::opened);
    connect(m_unix, &QLocalSocket::errorOccurred, this, [this](QLocalSocket::LocalSocketError error) {
        if (m_isCatchingUp && error == QLocalSocket::SocketTimeoutError)
            return;
        take();
        fail(unixReason());
    });
    m_unix->connectToServer(path);
}

void RedisSocket::write(const QByteArray &bytes)
{
    if (m_isDone)
        return;
    m_device->write(bytes);
    if (m_tcp)
        m_tcp->flush();
    else
        m_unix->flush();
}

void RedisSocket::catchUp()
{
    if (m_isDone || !m_device)
        return;
    m_isCatchingUp = true; // to Qt it is an error that nothing is there
    m_device->waitForReadyRead(0);
    m_isCatchingUp = false;
}

void RedisSocket::abort()
{
    m_isDone = true;
    if (!m_device)
        return;
    m_device->disconnect(this);
    if (m_tcp)
        m_tcp->abort();
    else
        m_unix->abort();
}

void RedisSocket::take()
{
    while (!m_isDone && m_device->bytesAvailable() > 0)
        Q_EMIT received(m_device->read(kReadBytes));
}

void RedisSocket::fail(const QString &reason)
{
    if (std::exchange(m_isDone, true))
        return;
    Q_EMIT failed(reason);
}

QString RedisSocket::tcpReason() const
{
    if (!m_tlsErrors.isEmpty())
        return u"TLS: "_s + m_tlsErrors;
    switch (m_tcp->error()) {
    case QAbstractSocket::ConnectionRefusedError:
        return u"the connection is refused"_s;
    case QAbstractSocket::RemoteHostClosedError:
        return u"the connection was closed by the other side"_s;
    case QAbstractSocket::HostNotFoundError:
        return u"the host's name has no address"_s;
    case QAbstractSocket::SslHandshakeFailedError:
    case QAbstractSocket::SslInternalError:
        return u"TLS: "_s + m_tcp->errorString();
    default:
        return m_tcp->errorString();
    }
}

QString RedisSocket::unixReason() const
{
    switch (m_unix->error()) {
    case QLocalSocket::ServerNotFoundError:
        return u"there is no such socket"_s;
    case QLocalSocket::ConnectionRefusedError:
        return u"the connection is refused"_s;
    case QLocalSocket::PeerClosedError:
        return u"the connection was closed by the other side"_s;
    case QLocalSocket::SocketAccessError:
        return u"the socket's permissions do not let this user in"_s;
    default:
        return m_unix->errorString();
    }
}

} // namespace gatehouse
