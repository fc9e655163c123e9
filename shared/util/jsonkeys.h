// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArrayView>
#include <QtCore/QString>

namespace gatehouse {

/// The first member name that one object of the JSON text has twice; nullopt if none has. Readers differ in which of
/// the two they take (RFC 8259 section 4), so whoever checks one of them and another reader uses the other have been
/// told different things. Names are compared unescaped. For text that QJsonDocument accepts; of other text the answer
/// means nothing. Pure.
[[nodiscard]] std::optional<QString> findRepeatedKey(QByteArrayView json);

/// The text of a value of the outermost object, as it stands there; empty if there is no such member. The last one
/// counts, as for QJsonDocument. For what a QJsonValue cannot hold exactly. For text that QJsonDocument accepts. Pure.
[[nodiscard]] QByteArrayView findMember(QByteArrayView json, QStringView name);

} // namespace gatehouse
