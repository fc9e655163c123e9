// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/jsondepth.h"

namespace gatehouse {

bool isNestedDeeper(QByteArrayView json, qsizetype maxDepth)
{
    qsizetype depth = 0;
    bool isInString = false;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (isInString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                isInString = false;
        } else if (c == '"') {
            isInString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > maxDepth)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

} // namespace gatehouse
