#pragma once

#include <cstdint>

/// How often `operator new` has been called in this program.
int64_t allocations();
