// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/cases.h"

#include <QtCore/QStringList>

namespace gatehouse::conformance {

QByteArray answered(const QByteArray &id)
{
    return "answer to " + id;
}

QByteArray badRequest()
{
    return "error bad_request";
}

QByteArray pong(const QByteArray &payload)
{
    return "pong " + payload.toHex();
}

QByteArray closed(int code)
{
    return closedWithAny({ code });
}

QByteArray closedWithAny(const QList<int> &codes)
{
    QByteArrayList texts;
    for (const int code : codes)
        texts += QByteArray::number(code);
    return "close " + texts.join('|');
}

} // namespace gatehouse::conformance
