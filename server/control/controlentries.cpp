// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controlentries.h"

#include <QtCore/QJsonArray>

#include "server/control/auditlog.h"

using namespace Qt::StringLiterals;

namespace gatehouse::controlentries {

QString sign(QJsonObject &payload, const QString &node, const std::function<QString()> &nextId)
{
    const QString id = nextId();
    payload.insert("id"_L1, id);
    QJsonArray audit = payload.value("audit"_L1).toArray();
    for (qsizetype i = 0; i < audit.size(); ++i) {
        QJsonObject entry = audit[i].toObject();
        if (entry.value("id"_L1).toString().isEmpty())
            entry.insert("id"_L1, nextId());
        entry.insert("node"_L1, node);
        audit[i] = entry;
    }
    if (!audit.isEmpty())
        payload.insert("audit"_L1, audit);
    return id;
}

Status check(const ControlStorage &storage, const ControlEntry &entry)
{
    if (const Status status = storage.check(entry.payload); !status)
        return status;
    const Result<std::vector<AuditEntry>> audit = auditEntriesOf(entry.payload);
    return audit ? ok() : Status(audit.error());
}

Status storeAudit(Database &database, const ControlEntry &entry)
{
    const Result<std::vector<AuditEntry>> audit = auditEntriesOf(entry.payload);
    if (!audit)
        return audit.error();
    for (const AuditEntry &one : *audit) {
        if (const Status status = AuditLog::insert(database, one); !status)
            return status;
    }
    return ok();
}

Status store(Database &database, const ControlStorages &storages, const std::vector<ControlEntry> &entries)
{
    for (const ControlEntry &entry : entries) {
        Status status = storages[size_t(entry.kind)].store(database, entry);
        if (status)
            status = storeAudit(database, entry);
        if (!status)
            return status;
    }
    return ok();
}

} // namespace gatehouse::controlentries
