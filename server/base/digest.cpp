// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/base/digest.h"

#include <memory>

#include <openssl/evp.h>

namespace gatehouse {

namespace {

struct FreeContext
{
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

QByteArray digestOf(const Context &context, const EVP_MD *algorithm, qsizetype size, QByteArrayView bytes)
{
    QByteArray digest(size, Qt::Uninitialized);
    const bool isDone = context && algorithm && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1
        && EVP_DigestUpdate(context.get(), bytes.data(), size_t(bytes.size())) == 1
        && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char *>(digest.data()), nullptr) == 1;
    if (!isDone)
        qFatal("OpenSSL makes no digest"); // neither tokens nor tickets could be told apart
    return digest;
}

} // namespace

// Algorithms are looked up once, and contexts kept for the thread: either costs as much as the digest of a short text.

QByteArray sha256(QByteArrayView bytes)
{
    static const EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const Context context(EVP_MD_CTX_new());
    return digestOf(context, algorithm, 32, bytes);
}

QByteArray sha1(QByteArrayView bytes)
{
    static const EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    thread_local const Context context(EVP_MD_CTX_new());
    return digestOf(context, algorithm, 20, bytes);
}

} // namespace gatehouse
