// Everything it declares for device code is in sixrounds_cuda.h, which comes first anyway.
#pragma once
