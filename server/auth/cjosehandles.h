// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <cjose/cjose.h>

namespace gatehouse {

/// Owners of what cjose allocates.
struct CjoseDeleter
{
    void operator()(cjose_jwk_t *key) const { cjose_jwk_release(key); }
    void operator()(cjose_jws_t *signature) const { cjose_jws_release(signature); }
    void operator()(cjose_header_t *header) const { cjose_header_release(header); }
};
using CjoseKey = std::unique_ptr<cjose_jwk_t, CjoseDeleter>;
using CjoseSignature = std::unique_ptr<cjose_jws_t, CjoseDeleter>;
using CjoseHeader = std::unique_ptr<cjose_header_t, CjoseDeleter>;

} // namespace gatehouse
