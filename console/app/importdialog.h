// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/connection/profileimport.h"

class QComboBox;

namespace gatehouse {

/// Shows what a file of profiles holds before anything is taken: what is new, and for each that clashes with one of
/// ours a choice. Named "import"; its choices import.choice.0, import.choice.1, … by the place in the file. GUI thread.
class ImportDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ImportDialog)

public:
    explicit ImportDialog(std::vector<ImportedProfile> imported, QWidget *parent = nullptr);

    /// With what the user chose, once accepted.
    [[nodiscard]] const std::vector<ImportedProfile> &imported() const { return m_imported; }
    /// How many are not skipped.
    [[nodiscard]] int takenCount() const;

private:
    [[nodiscard]] QWidget *makeList();
    [[nodiscard]] QComboBox *makeChoice(size_t index);
    [[nodiscard]] QString unknownText() const;

    std::vector<ImportedProfile> m_imported;
};

} // namespace gatehouse
