// What nvcc includes before a text on its own account; NVRTC does not, so this lane does.
#pragma once
#include "math.h"
#include "stdint.h"
