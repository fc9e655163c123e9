// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/profiletransfer.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QSaveFile>
#include <QtWidgets/QFileDialog>

#include "console/app/importdialog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxProfilesBytes = 4 * 1024 * 1024;

struct TransferTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::ProfileTransfer)
};

QFileDialog *makeFileDialog(QWidget *window, const QString &title, const QString &name)
{
    auto *dialog = new QFileDialog(window, title, QString(), TransferTexts::tr("JSON (*.json);;All files (*)"));
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    return dialog;
}

void readFile(ProfileStore &profiles, QWidget *window, const QString &path, const TransferDone &done)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        done(TransferTexts::tr("%1 cannot be read: %2").arg(path, file.errorString()), false);
        return;
    }
    Result<std::vector<ImportedProfile>> read = readProfiles(file.read(kMaxProfilesBytes), profiles.profiles());
    if (!read) {
        done(TransferTexts::tr("Nothing was imported. %1").arg(read.error().message), false);
        return;
    }
    auto *dialog = new ImportDialog(std::move(read).value(), window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QDialog::accepted, window, [&profiles, dialog, done] {
        const Status status = profiles.replaceAll(mergeProfiles(profiles.profiles(), dialog->imported()));
        done(status ? TransferTexts::tr("%n server(s) imported, without tokens.", nullptr, dialog->takenCount())
                    : status.error().message,
            status.isOk());
    });
    dialog->open();
}

} // namespace

void exportProfiles(const ProfileStore &profiles, QWidget *window, TransferDone done)
{
    QFileDialog *dialog
        = makeFileDialog(window, TransferTexts::tr("Export all saved servers"), u"connect.export.file"_s);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(u"json"_s);
    dialog->selectFile(u"gatehouse-profiles.json"_s);
    QObject::connect(
        dialog, &QFileDialog::fileSelected, window, [&profiles, done = std::move(done)](const QString &path) {
            QSaveFile file(path);
            if (file.open(QIODevice::WriteOnly) && file.write(profiles.exportJson()) >= 0 && file.commit())
                done(TransferTexts::tr(
                         "%n server(s) exported, without tokens.", nullptr, int(profiles.profiles().size())),
                    true);
            else
                done(TransferTexts::tr("%1 cannot be written: %2").arg(path, file.errorString()), false);
        });
    dialog->open();
}

void importProfiles(ProfileStore &profiles, QWidget *window, TransferDone done)
{
    QFileDialog *dialog = makeFileDialog(window, TransferTexts::tr("Import servers"), u"connect.import.file"_s);
    dialog->setFileMode(QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, window,
        [&profiles, window, done = std::move(done)](const QString &path) { readFile(profiles, window, path, done); });
    dialog->open();
}

} // namespace gatehouse
