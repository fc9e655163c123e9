// SPDX-License-Identifier: GPL-3.0-or-later
// All of it is in the header; this file is where its signals are compiled.
#include "tests/support/tinyserver.h"
