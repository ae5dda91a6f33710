"""What a device of compute capability 8.0 takes; the CPU lanes hold to the same numbers.

Source: CUDA C++ Programming Guide, table "Technical Specifications per Compute Capability".
"""

THREADS_PER_BLOCK = 1024
BLOCK_DIMENSIONS = (1024, 1024, 64)
GRID_DIMENSIONS = (2**31 - 1, 65535, 65535)
# Without asking for more; static arrays can never be larger.
SHARED_BYTES = 48 * 1024
# With `kernel.max_dynamic_shared_size_bytes = …`.
SHARED_BYTES_OPT_IN = 163 * 1024
CONSTANT_BYTES = 64 * 1024

SECTOR_BYTES = 32
BANKS = 32
WARP = 32

# Ours: a launch that is still going after either is stopped and reported.
ACCESSES = 2_000_000_000
SECONDS = 20.0
ARRAY_BYTES = 8 * 2**30
