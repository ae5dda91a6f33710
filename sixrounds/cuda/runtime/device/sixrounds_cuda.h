// Included before the learner's text: CUDA C++ device code compiles as host C++17.
// Each room of the language has its own file; nothing in them is executed by the scheduler itself.
#pragma once
#include "types.h"
#include "threads.h"
#include "warp.h"
#include "half.h"
#include "atomics.h"
#include "intrinsics.h"
#include "launch.h"
