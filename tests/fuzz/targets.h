// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

/// One run of a fuzz target, as libFuzzer calls it: aborts if a promise is broken.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
