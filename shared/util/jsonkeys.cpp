// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/jsonkeys.h"

#include <vector>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>

namespace gatehouse {

namespace {

/// The end of a text that begins at `begin` (its first quotation mark): the place behind its last one.
qsizetype endOfText(QByteArrayView json, qsizetype begin)
{
    qsizetype i = begin + 1;
    while (i < json.size() && json[i] != '"')
        i += json[i] == '\\' ? 2 : 1;
    return qMin(i + 1, json.size());
}

bool isNameOfMember(QByteArrayView json, qsizetype behindText)
{
    while (behindText < json.size() && QByteArrayView(" \t\r\n").contains(json[behindText]))
        ++behindText;
    return behindText < json.size() && json[behindText] == ':';
}

QByteArray unescaped(QByteArrayView quoted)
{
    if (!quoted.contains('\\'))
        return quoted.sliced(1, quoted.size() - 2).toByteArray();
    return QJsonDocument::fromJson('[' + quoted.toByteArray() + ']').array().at(0).toString().toUtf8();
}

} // namespace

std::optional<QString> findRepeatedKey(QByteArrayView json)
{
    std::vector<QSet<QByteArray>> names; // of the objects and arrays around the current place; an array has none
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '{' || c == '[') {
            names.emplace_back();
        } else if (c == '}' || c == ']') {
            if (!names.empty())
                names.pop_back();
        } else if (c == '"') {
            const qsizetype end = endOfText(json, i);
            if (!names.empty() && isNameOfMember(json, end)) {
                const QByteArray name = unescaped(json.sliced(i, end - i));
                const qsizetype before = names.back().size();
                names.back().insert(name);
                if (names.back().size() == before)
                    return QString::fromUtf8(name);
            }
            i = end - 1;
        }
    }
    return std::nullopt;
}

QByteArrayView findMember(QByteArrayView json, QStringView name)
{
    const QByteArray wanted = name.toUtf8();
    QByteArrayView found;
    qsizetype begin = -1; // of the wanted value, while it is read
    int depth = 0;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (depth == 1 && begin >= 0 && (c == ',' || c == '}')) {
            found = json.sliced(begin, i - begin).trimmed();
            begin = -1;
        }
        if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        } else if (c == '"') {
            const qsizetype end = endOfText(json, i);
            if (depth == 1 && begin < 0 && isNameOfMember(json, end) && unescaped(json.sliced(i, end - i)) == wanted)
                begin = json.indexOf(':', end) + 1;
            i = end - 1;
        }
    }
    return found;
}

} // namespace gatehouse
