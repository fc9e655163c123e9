// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "console/connection/profilestore.h"

class QWidget;

namespace gatehouse {

/// What came of it: a sentence in the user's language. Not called when the user changed their mind.
using TransferDone = std::function<void(const QString &text, bool isGood)>;

/// Asks for a file ("connect.export.file") and writes all profiles to it, without tokens. Does not block.
void exportProfiles(const ProfileStore &profiles, QWidget *window, TransferDone done);

/// Asks for a file ("connect.import.file"), shows what it holds and asks what to do about what clashes (ImportDialog).
/// Does not block; the profiles must outlive the window.
void importProfiles(ProfileStore &profiles, QWidget *window, TransferDone done);

} // namespace gatehouse
