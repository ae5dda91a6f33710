# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Tiled matmul: load once, use many times
#
# **Time:** 120 minutes, of which 75 are exercises. **Needs:** the first two kernel notebooks: guards, coalescing, shared memory, bank conflicts.
#
# > **The question, as you will hear it.**
# > "Most of our inference time is matrix products. Write one in CUDA, any sizes.
# > Then make it faster twice, and before each step tell me what limits the version we have.
# > Don't tell me you would measure it: tell me what you expect to measure."
#
# **What they listen for**
#
# - You count bytes and operations before you change code, and you name the roof you are under.
# - You put *two* barriers into the tiled loop and can say what each one prevents.
# - Sizes that are no multiple of the tile do not surprise you, in any of the three dimensions.
# - You know that shared memory has a roof of its own, and that registers are what lifts it.
# - You know what the registers cost, and that full occupancy is not the goal.
#
# **Ask first:** which type, and in which type is it summed? Row-major, and is either matrix transposed? Which sizes matter, and are they multiples of something?
# May `c` overlap the inputs, and is it to be overwritten or added to? And: why not the library?
#
# The answers here: 32-bit floats, summed in 32 bits. Row-major, `a` is m × k, `b` is k × n, `c` is m × n, none transposed. Any sizes from 1.
# Nothing overlaps, `c` is overwritten. And you would use the library; they ask because whoever can explain this kernel can explain any other.

# %% [markdown]
# ## A product that is right and slow
#
# One thread for each element of `c`: a row of `a` times a column of `b`. The only decision is which thread takes which element.
# Here neighbors in `x` take neighboring **rows**, as one would write it on a blackboard.
#
# As before, the kernels are compiled for your CPU by the lanes `check` and `metrics`. Nothing on this page was run on a GPU, and no time was measured.

# %% tags=["setup"]
import math

import numpy as np

import sixrounds
from sixrounds import cuda
from sixrounds.cuda import Call, expect, numbers, over


def matmul_args(m, n, k, rng):
    """Arguments of the three kernels: a, b, c, m, n, k; c holds garbage."""
    a, b = numbers(rng, m, k), numbers(rng, k, n)
    args = {"a": a, "b": b, "c": np.full((m, n), 7, np.float32)}
    return args | {"m": np.int32(m), "n": np.int32(n), "k": np.int32(k)}


def matmul_wanted(a, b, **_):
    """The product, in 64-bit floats."""
    return {"c": a.astype(np.float64) @ b.astype(np.float64)}


def matmul_scale(a, b, **_):
    """What its rounding errors are relative to."""
    return {"c": abs(a.astype(np.float64)) @ abs(b.astype(np.float64))}


# %%
rows_code = r"""
extern "C" __global__
void by_rows(const float* a, const float* b, float* c, int n) {
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  int col = blockIdx.y * blockDim.y + threadIdx.y;
  float sum = 0;
  for (int i = 0; i < n; i++) sum += a[row * n + i] * b[i * n + col];
  c[row * n + col] = sum;
}
"""

# %%
chance = np.random.default_rng(1)
a, b = numbers(chance, 64, 64), numbers(chance, 64, 64)
c = np.zeros((64, 64), np.float32)
with cuda.use("metrics"):
    report = cuda.RawKernel(rows_code, "by_rows")(
        (2, 16), (32, 4), (a, b, c, np.int32(64)))
report

# %% [markdown]
# The values are right, and a request for `a` touches 32 sectors to use 4 bytes of each. So does each store to `c`.
# The 32 threads of a warp differ in `threadIdx.x`, so `x` decides what a request looks like.
#
# Swap the two roles: neighbors in `x` take neighboring **columns**. Then a request for `b` reads 32 neighbors, one for `c` stores 32 neighbors, and one for `a` reads a single word that all lanes share: one sector.
#
# ## Exercise 1: the naive product (10 min)
#
# Write the text of a kernel
#
# `extern "C" __global__ void matmul_naive(const float* a, const float* b, float* c, int m, int n, int k)`
#
# - `c` = `a` `b`, row-major: `a` has m rows and k columns, `b` k rows and n columns, `c` m rows and n columns. `m`, `n`, `k` are 1 or more, and in general different.
# - The launch is two-dimensional: `x` runs along the **columns** of `c`, `y` along its rows. Blocks may have any shape up to 1,024 threads.
#   There are at least n threads along `x` and m along `y`, often more, sometimes by whole blocks.
# - `c` holds garbage before the launch. Each element is stored once, and nothing is read from `c`.
# - The arrays do not overlap; `a` and `b` are not changed. All indices fit in an `int`.
# - Tested: the values (up to the rounding of 32-bit sums); that the checks report nothing; and, in blocks of 32 × 4 with n a multiple of 32, at most 1.5 sectors per request for `a`, 4.5 for `b` and 4.5 for `c`, and no more than m · n / 32 requests to `c`.

# %% tags=["setup"]
def sticking_out(size, rng):
    """Blocks of 20 x 5 threads that stick out, and one more each way."""
    m, n, k = size, size + 3, 5
    grid = (over(n, 20) + 1, over(m, 5) + 1)
    return Call(grid, (20, 5), matmul_args(m, n, k, rng))


def naive_call(size, rng):
    """A launch of matmul_naive in blocks of 32 x 4, n a multiple of 32."""
    m, n, k = 8, over(size, 32) * 32, 24
    args = matmul_args(m, n, k, rng)
    return Call((over(n, 32), over(m, 4)), (32, 4), args)


# %% exercise="matmul_naive"
### BEGIN SOLUTION
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + col];
  c[row * n + col] = sum;
}
"""
### END SOLUTION

# %% tests="matmul_naive" points=3
kernel = cuda.RawKernel(matmul_naive, "matmul_naive")
x = np.array([[1, 2, 3]], np.float32)  # 1 x 3
y = np.array([[1, 10], [2, 20], [3, 30]], np.float32)  # 3 x 2
out = np.zeros((1, 2), np.float32)
kernel((1, 1), (4, 2), (x, y, out, np.int32(1), np.int32(2), np.int32(3)))
assert out.tolist() == [[14, 140]], "1 x 3 times 3 x 2"
expect(kernel, naive_call).correct(
    matmul_wanted, sizes=(30, 64), length=24, magnitude=matmul_scale
).no_reports()
expect(kernel, sticking_out).correct(
    matmul_wanted, sizes=(1, 6), length=7, magnitude=matmul_scale
).no_reports()
traffic = expect(kernel, naive_call, measured=64)
assert traffic.sectors_per_request("a") <= 1.5
assert traffic.sectors_per_request("b") <= 4.5
assert traffic.sectors_per_request("c") <= 4.5
assert traffic.requests("c") <= 8 * 64 / 32
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("matmul_naive")
BLOCKS = ((32, 4), (16, 8), (8, 16), (1, 64), (20, 5), (64, 2), (5, 3))


def any_naive(size, chance):
    """Any three sizes, blocks of any shape, sometimes whole blocks too many."""
    m, n = (int(number) for number in chance.integers(1, size + 1, 2))
    n += n == m
    k = 1 if size == 17 else int(chance.integers(1, size + 9))
    k += k == n
    wide, high = BLOCKS[size % len(BLOCKS)]
    grid = (over(n, wide) + int(chance.integers(2)), over(m, high) + int(chance.integers(2)))
    return Call(grid, (wide, high), matmul_args(m, n, k, chance))


sizes = (1, 9, 17, 25, 31, 33, 36, 40, 45, 47, 50, 53)
expect(kernel, any_naive, rng=draw).correct(
    matmul_wanted, sizes=sizes, length=60, magnitude=matmul_scale
).no_reports()
for size in (64, 96, 128, 160, 192):
    traffic = expect(kernel, naive_call, rng=draw, measured=size)
    traffic.sectors_per_request("a", load=True) <= 1.5
    traffic.sectors_per_request("b", load=True) <= 4.5
    traffic.sectors_per_request("c", store=True) <= 4.5
    traffic.requests("c") <= 8 * size / 32
### END HIDDEN TESTS

# %% mistake="matmul_naive" active="py" name="x along the rows"
# Threads 0 and 1 of a warp differ in x. With your plan, how far apart are the two elements of c that they store?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  int col = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + col];
  c[row * n + col] = sum;
}
"""

# %% mistake="matmul_naive" active="py" name="guard with and"
# A thread lies past the last column but in a valid row. Does your guard send it away?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m && col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + col];
  c[row * n + col] = sum;
}
"""

# %% mistake="matmul_naive" active="py" name="wrong row length of a"
# How many floats lie between a[0][0] and a[1][0]? Would a test with square matrices notice?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * n + i] * b[i * n + col];
  c[row * n + col] = sum;
}
"""

# %% mistake="matmul_naive" active="py" name="b as if transposed"
# Which element of b does i = 1 need, and where is it in a row-major array of n columns?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[col * k + i];
  c[row * n + col] = sum;
}
"""

# %% mistake="matmul_naive" active="py" name="adds to what was there"
# What is in c before the launch? Does your result depend on it?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + col];
  c[row * n + col] += sum;
}
"""

# %% mistake="matmul_naive" active="py" name="sums in global memory"
# For one element of c: how often does your thread store to it, and where does the sum live in between?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * blockDim.x + threadIdx.x;
  int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= m || col >= n) return;
  c[row * n + col] = 0;
  for (int i = 0; i < k; i++)
    c[row * n + col] += a[row * k + i] * b[i * n + col];
}
"""

# %% mistake="matmul_naive" active="py" name="assumes blocks of 16 x 16"
# Who decides the shape of a block: your kernel, or the launch?
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int col = blockIdx.x * 16 + threadIdx.x;
  int row = blockIdx.y * 16 + threadIdx.y;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + col];
  c[row * n + col] = sum;
}
"""

# %% accepts="matmul_naive" active="py" name="pointers that walk, fma"
matmul_naive = r"""
extern "C" __global__
void matmul_naive(const float* __restrict__ lhs,
                  const float* __restrict__ rhs, float* __restrict__ out,
                  int rows, int cols, int inner) {
  const unsigned j = threadIdx.x + blockDim.x * blockIdx.x;
  const unsigned i = threadIdx.y + blockDim.y * blockIdx.y;
  if (i < rows && j < cols) {
    const float* left = lhs + size_t(i) * inner;
    const float* right = rhs + j;
    float total = 0.f;
    for (const float* end = left + inner; left < end; ++left) {
      total = fmaf(*left, *right, total);
      right += cols;
    }
    out[size_t(i) * cols + j] = total;
  }
}
"""

# %% accepts="matmul_naive" active="py" name="grid-stride in both dimensions"
matmul_naive = r"""
template <typename T>
__device__ T dot(const T* row, const T* col, int count, int stride) {
  T sum = 0;
  for (int i = 0; i < count; i++) sum += row[i] * col[i * stride];
  return sum;
}

extern "C" __global__
void matmul_naive(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  int x0 = blockIdx.x * blockDim.x + threadIdx.x;
  int y0 = blockIdx.y * blockDim.y + threadIdx.y;
  for (int y = y0; y < m; y += gridDim.y * blockDim.y)
    for (int x = x0; x < n; x += gridDim.x * blockDim.x)
      c[y * n + x] = dot(a + y * k, b + x, k, n);
}
"""

# %% [markdown]
# ## The first roof: bytes from global memory
#
# Every access is coalesced now. Is that good? Count before you guess.
# The product needs m · n · k multiply-adds: two operations each. A thread of the naive kernel loads two floats for each of them: 8 bytes for 2 operations.
#
# **Arithmetic intensity** is operations per byte moved. Memory that delivers B bytes a second supports at most intensity × B operations a second, and the arithmetic units have a peak.
# The lower of the two is the **roofline** (Williams, Waterman and Patterson, *Roofline: an insightful visual performance model for multicore architectures*, 2009). The intensity at which they meet is the **ridge**.
#
# We take the A100's figures from its data sheet again ({claim}`a100-peaks`). Its peak counts a multiply-add as two operations, as we do.

# %%
bandwidth, peak = 1555e9, 19.5e12  # bytes/s, operations/s
ridge = peak / bandwidth
print(f"ridge: {ridge:.1f} operations per byte")
asked = {"a thread": 2 / 8, "a warp": 32 * 2 / ((1 + 4) * 32)}
for who, ops in asked.items():
    print(f"naive, what {who} asks for: {ops} operations per byte, "
          f"{100 * ops / ridge:.0f} % of the peak")

# %% [markdown]
# Per thread that is 8 bytes for 2 operations: 0.25.
# A warp asks for less: its 32 threads share the word of `a`, so a step takes 1 + 4 sectors, 160 bytes for 64 operations: 0.4.
# Two or three percent of the peak either way, without help from a cache. Caches do help on a real GPU, and nobody promises how much.
# What we control is what we ask for.
#
# The same element of `a` is needed by all n columns of `c`, and the same element of `b` by all m rows. The naive kernel loads it anew each time.
# Let a block compute a **tile** of T × T elements of `c` together. For that it needs T rows of `a` and T columns of `b`. Load each element once per block, keep it in shared memory, use it T times: T times fewer loads.
# A whole row is too long to keep, so the block walks along k in steps of T.

# %% mystnb={"figure": {"caption": "What one block needs for its tile of c: the same rows of a and the same columns of b, one pair of tiles at a time."}, "image": {"alt": "Three square grids for a, b and c. In a, a horizontal band of tiles is shaded and one tile in it is solid. In b, a vertical band is shaded and one tile is solid. In c, one tile is solid: where the band's row and column meet."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()
bands = {"a": [(x, 1) for x in range(6)], "b": [(3, y) for y in range(6)]}
solid = {"a": (4, 1), "b": (3, 4), "c": (3, 1)}
fig, axes = plt.subplots(1, 3, figsize=(7, 2.6))
for ax, name in zip(axes, "abc"):
    for at in bands.get(name, ()):
        ax.add_patch(plt.Rectangle(at, 1, 1, color="C0", alpha=0.35))
    ax.add_patch(plt.Rectangle(solid[name], 1, 1, color="C1"))
    ax.set(xlim=(0, 6), ylim=(6, 0), xticks=range(7), yticks=range(7),
           title=name, aspect="equal", xlabel="columns (tiles)")
axes[0].set_ylabel("rows (tiles)");

# %%
tiles = 2 ** np.arange(8)
intensity = tiles / 4  # 2 operations for 2 * 4 / T bytes
for tile, ops in zip(tiles[[0, 4, 5, 6]], intensity[[0, 4, 5, 6]]):
    print(f"tile {tile:3}: {ops:5.2f} operations per byte, "
          f"{100 * min(1, ops / ridge):.0f} % of the peak "
          f"without help from a cache")

# %% mystnb={"figure": {"caption": "What the memory of an A100 (40 GB) allows a product of large 32-bit matrices, by the side of the square tile of c that a block computes, if no cache serves what two blocks ask for. Loads only; storing c is left out."}, "image": {"alt": "Log-log plot of the attainable operations per second against the tile's side from 1 to 128. A line rises from 0.4 at tile 1 to the peak of 19.5 near tile 50 and is flat from there. The points for tiles 1, 16 and 64 are marked."}}
fig, ax = plt.subplots()
fine = np.geomspace(1, 128, 200)
roof = np.minimum(peak, fine / 4 * bandwidth) / 1e12
ax.loglog(fine, roof, label="roofline")
for tile, name in ((1, "naive"), (16, "16 × 16"), (64, "64 × 64")):
    at = min(peak, tile / 4 * bandwidth) / 1e12
    ax.plot(tile, at, "o", color="C1")
    ax.annotate(name, (tile, at), (6, -14), textcoords="offset points")
ax.set_xticks(tiles, tiles)
ax.minorticks_off()
ax.set(xlabel="side of the tile of c, T (elements)", ylim=(0.2, 40),
       ylabel="attainable (10¹² operations/s)",
       title="Without caches, a tile of 50 lifts "
             "device memory off the roof");

# %% [markdown]
# T / 4 counts what blocks ask for. Device memory sees less, since blocks that run together share rows and columns in the L2 cache.
# On the card of the measurements cited below, an RTX A6000 with 768 GB/s ({claim}`a6000-bandwidth`), this count would hold the naive kernel to about 0.2 TFLOP/s, and it reached 2.
# So T / 4 against the ridge says which tile needs no luck with caches: 64 here; 16 depends on the L2.
# That is the sentence an interviewer waits for: *where m, n and k are all large, the tile's side follows from the ridge*.
#
# ## Exercise 2: count the loads (10 min)
#
# Write `global_loads(m, n, k, tile)`: how many **elements** a tiled kernel loads from global memory, `a` and `b` together.
#
# - A block computes `tile` × `tile` elements of `c`; blocks at the right and lower edge stick out if n or m is no multiple of the tile.
# - It walks along k in steps of `tile`. In each step it loads the parts of its tiles of `a` and `b` that exist: what lies outside a matrix is set to zero **without a load**.
# - Nothing is shared between blocks, and there is no cache: what two blocks need is loaded twice.
# - All four are whole numbers from 1 to 10,000; `tile` may be larger than a matrix. Returns an int.

# %% exercise="global_loads"
def global_loads(m, n, k, tile):
    """Elements that a tiled matmul loads from global memory.

    Args:
        m, n, k: int >= 1; a is m x k, b is k x n.
        tile: int >= 1, side of a block's tile of c, and step along k.

    Returns:
        int, loaded elements of a and b together.

    >>> global_loads(32, 32, 32, 16)
    4096
    """
    ### BEGIN SOLUTION
    times_a = -(-n // tile)  # blocks side by side: each loads its rows of a
    times_b = -(-m // tile)  # blocks below each other
    return m * k * times_a + k * n * times_b
    ### END SOLUTION

# %% tests="global_loads" points=2
assert global_loads(32, 32, 32, 16) == 4096, "each element twice"
assert global_loads(5, 6, 7, 1) == 2 * 5 * 6 * 7, "a tile of 1 is naive"
assert global_loads(1, 1, 1, 16) == 2, "one element each"
assert global_loads(20, 33, 41, 16) == 5166, "no multiples of the tile"
assert isinstance(global_loads(2, 3, 4, 2), int), "elements are whole"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("global_loads")


def by_blocks(m, n, k, tile):
    """The same, block by block."""
    total = 0
    for row in range(0, m, tile):
        for col in range(0, n, tile):
            total += min(tile, m - row) * k + k * min(tile, n - col)
    return total


for case in range(60):
    tile = draw.choice((8, 12, 16, 32, 48))
    m, n, k = (draw.randrange(1, 120) for _ in "mnk")
    assert global_loads(m, n, k, tile) == by_blocks(m, n, k, tile), "any three sizes"
for case in range(20):
    tile = draw.choice((8, 16, 64))
    m, n, k = (draw.randrange(1, tile) for _ in "mnk")
    assert global_loads(m, n, k, tile) == m * k + k * n, "matrices smaller than the tile"
for case in range(20):
    tile = draw.choice((8, 16, 64))
    m, n, k = (tile * draw.randrange(1, 20) for _ in "mnk")
    assert global_loads(m, n, k, tile) == 2 * m * n * k // tile, "multiples of the tile"
### END HIDDEN TESTS

# %% mistake="global_loads" active="py" name="loads whole tiles"
# A thread whose element lies outside the matrix writes a zero to the tile. Does it load anything for that?
def global_loads(m, n, k, tile):
    blocks = -(-m // tile) * -(-n // tile)
    return blocks * -(-k // tile) * 2 * tile * tile

# %% mistake="global_loads" active="py" name="a fraction of a block"
# With 20 columns and a tile of 16 there are two blocks side by side. How often is a loaded: 1.25 times?
def global_loads(m, n, k, tile):
    return 2 * m * n * k // tile

# %% mistake="global_loads" active="py" name="forgets the last blocks"
# With 20 columns and a tile of 16, who computes columns 16 to 19, and what does that block load?
def global_loads(m, n, k, tile):
    return m * k * max(1, n // tile) + k * n * max(1, m // tile)

# %% mistake="global_loads" active="py" name="counts along the wrong side"
# Which blocks need the same rows of a: those beside each other, or those below each other?
def global_loads(m, n, k, tile):
    return m * k * -(-m // tile) + k * n * -(-n // tile)

# %% mistake="global_loads" active="py" name="each element once"
# Two blocks beside each other need the same rows of a. Can one see what the other has in shared memory?
def global_loads(m, n, k, tile):
    return m * k + k * n

# %% mistake="global_loads" active="py" name="bytes"
# The question asks for elements. What does your number count?
def global_loads(m, n, k, tile):
    return 4 * (m * k * -(-n // tile) + k * n * -(-m // tile))

# %% accepts="global_loads" active="py" name="math.ceil"
def global_loads(m, n, k, tile):
    return k * (m * math.ceil(n / tile) + n * math.ceil(m / tile))

# %% accepts="global_loads" active="py" name="step by step"
def global_loads(m, n, k, tile):
    def parts(size):
        return [min(tile, size - start) for start in range(0, size, tile)]

    loads = 0
    for height in parts(m):
        for width in parts(n):
            for depth in parts(k):
                loads += height * depth + depth * width
    return loads

# %% [markdown]
# ## Tiles in shared memory, and the barrier that is forgotten
#
# Here is the tiled loop for square matrices whose size is a multiple of 16, as candidates often write it.
# Each thread loads one element of either tile; a barrier waits until the tiles are full; each thread adds 16 products.

# %%
tiled_code = r"""
extern "C" __global__ void tiled(float* a, float* b, float* c, int n) {
  __shared__ float tile_a[16][16], tile_b[16][16];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * 16 + y, col = blockIdx.x * 16 + x;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    tile_a[y][x] = a[row * n + k + x];
    tile_b[y][x] = b[(k + y) * n + col];
    __syncthreads();
    for (int i = 0; i < 16; i++) sum += tile_a[y][i] * tile_b[i][x];
  }
  c[row * n + col] = sum;
}
"""

# %%
def largest_error(code, a, b):
    """Run the tiled kernel; the largest error, and the report."""
    n, c = len(a), np.zeros_like(a)
    module = cuda.RawModule(code)
    report = module.launch("tiled", (n // 16, n // 16), (16, 16),
                           (a, b, c, np.int32(n)))
    return np.abs(c - a.astype(np.float64) @ b).max(), report


for n in (16, 32):
    ones = np.ones((n, n), np.float32)
    error, report = largest_error(tiled_code, ones, ones)
    print(f"{n} x {n}, all ones: largest error {error}")

# %% [markdown]
# Both tests pass, and this is where many stop. Print the report of the second one.

# %%
print(report)

# %% [markdown]
# A thread that has finished its 16 products goes around the loop and writes its part of the *next* tile, while others still read *this* one.
# Nothing orders the two. So the report has each pair from both sides, for each tile: a write of what another thread has just read, and a read of what another thread has written too early.
#
# The values were right by luck. All elements are 1, so reading the wrong tile changes nothing.
# And 16 × 16 could not fail at all: there is one pair of tiles, so nothing is overwritten, and the checks are right to report nothing there.
# With random numbers, our lane gives the luck away:

# %%
chance = np.random.default_rng(2)
a, b = (chance.normal(size=(32, 32)).astype(np.float32) for _ in "ab")
error, _ = largest_error(tiled_code, a, b)
print(f"random, one barrier:  largest error {error:.1f}")
cured = tiled_code.replace("[i][x];\n", "[i][x];\n    __syncthreads();\n")
error, report = largest_error(cured, a, b)
print(f"random, two barriers: largest error {error:.0e}")
print(report)

# %% [markdown]
# Do not count on wrong values to warn you. Here the threads of a block run one after the other, so a thread is a whole tile ahead of the next.
# On a GPU the warps of a block may happen to stay close together; then the result is right, until it is not.
# There, `compute-sanitizer --tool racecheck` looks for such pairs, and it looks at shared memory only.
#
# The first barrier says: *everything I am about to read has been written*. The second: *everything I am about to overwrite has been read*.

# %% [markdown]
# ## Exercise 3: the tiled product (20 min)
#
# Write the text of a kernel
#
# `extern "C" __global__ void matmul_tiled(const float* a, const float* b, float* c, int m, int n, int k)`
#
# - The same product as in exercise 1, for any sizes from 1: no multiples of 16 in any of the three dimensions.
# - The launch: blocks of 16 × 16 threads, ⌈n/16⌉ of them along `x` (columns) and ⌈m/16⌉ along `y`. No dynamic shared memory.
#   How deep your tiles are along k is yours to choose.
# - `c` holds garbage before. Nothing overlaps; `a` and `b` are not changed. All indices fit in an `int`.
# - No thread may return while others still meet at a barrier: the checks report it.
# - Tested: the values (up to the rounding of 32-bit sums), and that the checks report nothing.
# - Tested for m, n, k that are multiples of 32: at most 1.25 × m · n · k / 512 requests to `a`, and as many to `b` (16 times fewer than a naive kernel makes, with a quarter to spare);
#   at most 4.5 sectors per request for `a`, `b` and `c`; at most 1.1 wavefronts per request to shared memory (a wavefront is one pass over the 32 banks; a request without conflicts takes one).

# %% tags=["setup"]
def tiled_call(size, rng):
    """A launch of matmul_tiled; `size` rows, and other sizes near it."""
    m, n, k = size, size + 3, size + 6
    grid = (over(n, 16), over(m, 16))
    return Call(grid, (16, 16), matmul_args(m, n, k, rng))


def whole_tiles(size, rng):
    """A launch of matmul_tiled with multiples of 32: 32, 64 and `size`."""
    grid = (over(64, 16), over(32, 16))
    return Call(grid, (16, 16), matmul_args(32, 64, size, rng))


# %% exercise="matmul_tiled"
### BEGIN SOLUTION
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + x < k;
    bool in_b = start + y < k && col < n;
    tile_a[y][x] = in_a ? a[row * k + start + x] : 0;
    tile_b[y][x] = in_b ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""
### END SOLUTION

# %% tests="matmul_tiled" points=6
kernel = cuda.RawKernel(matmul_tiled, "matmul_tiled")
expect(kernel, tiled_call).correct(
    matmul_wanted, sizes=(1, 16, 33), length=40, magnitude=matmul_scale
).no_reports()
expect(kernel, whole_tiles).correct(
    matmul_wanted, sizes=(1, 20), length=20, magnitude=matmul_scale
).no_reports()
traffic = expect(kernel, whole_tiles, measured=64)
limit = 1.25 * 32 * 64 * 64 / 512
assert traffic.requests("a") <= limit
assert traffic.requests("b") <= limit
assert traffic.sectors_per_request("a") <= 4.5
assert traffic.wavefronts() <= 1.1
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("matmul_tiled")


def any_tiled(size, chance):
    """Any three sizes up to `size` or a few more."""
    m, n = (int(number) for number in chance.integers(1, size + 1, 2))
    k = int(chance.integers(1, size + 7))
    return Call((over(n, 16), over(m, 16)), (16, 16), matmul_args(m, n, k, chance))


sizes = (1, 7, 18, 23, 27, 34, 38, 41, 45, 50, 52, 54, 57, 60)
expect(kernel, any_tiled, rng=draw).correct(
    matmul_wanted, sizes=sizes, length=66, magnitude=matmul_scale
).no_reports()
expect(kernel, whole_tiles, rng=draw).correct(
    matmul_wanted, sizes=(1, 3, 16, 20, 31, 33), length=33, magnitude=matmul_scale
).no_reports()
for size in (32, 64, 96, 128, 160):
    traffic = expect(kernel, whole_tiles, rng=draw, measured=size)
    traffic.requests("a", load=True) <= 1.25 * 32 * 64 * size / 512
    traffic.requests("b", load=True) <= 1.25 * 32 * 64 * size / 512
    traffic.sectors_per_request("a", load=True) <= 4.5
    traffic.sectors_per_request("b", load=True) <= 4.5
    traffic.sectors_per_request("c", store=True) <= 4.5
    traffic.wavefronts() <= 1.1
### END HIDDEN TESTS

# %% mistake="matmul_tiled" active="py" name="no second barrier"
# A fast thread has finished its 16 products and starts the next step. What does it write to, and who may still be reading that?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + x < k;
    bool in_b = start + y < k && col < n;
    tile_a[y][x] = in_a ? a[row * k + start + x] : 0;
    tile_b[y][x] = in_b ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="no first barrier"
# Which elements of the tiles does your thread read, and which of them did it write itself?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + x < k;
    bool in_b = start + y < k && col < n;
    tile_a[y][x] = in_a ? a[row * k + start + x] : 0;
    tile_b[y][x] = in_b ? b[(start + y) * n + col] : 0;
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="leaves before the barrier"
# A thread outside c has no element to compute. Does the block need it for anything else: to load, or to meet at a barrier?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  if (row >= m || col >= n) return;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    tile_a[y][x] = start + x < k ? a[row * k + start + x] : 0;
    tile_b[y][x] = start + y < k ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="no zeros at the edge"
# The last step along k is only partly full. What is in the rest of your tiles, and do you add it?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    if (row < m && start + x < k)
      tile_a[y][x] = a[row * k + start + x];
    if (start + y < k && col < n)
      tile_b[y][x] = b[(start + y) * n + col];
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="no bound along k"
# k is 20 and the second step starts at 16. Which element does thread x = 10 load for its tile of a, and does it belong to that row?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    tile_a[y][x] = row < m ? a[row * k + start + x] : 0;
    tile_b[y][x] = col < n ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="drops the rest of k"
# k is 20. How many steps does your loop make, and which terms of the sum are missing?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int step = 0; step < k / T; step++) {
    int start = step * T;
    tile_a[y][x] = row < m ? a[row * k + start + x] : 0;
    tile_b[y][x] = col < n ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="bounds the result by k"
# m is 32 and k is 5. How many rows has c, and which of them does your kernel store?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + x < k;
    bool in_b = start + y < k && col < n;
    tile_a[y][x] = in_a ? a[row * k + start + x] : 0;
    tile_b[y][x] = in_b ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  if (row < min(m, k) && col < min(n, k)) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="stores past the edge"
# The last block along x has 16 columns of threads, and c has 20 columns. Where do the last 12 store?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T], tile_b[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + x < k;
    bool in_b = start + y < k && col < n;
    tile_a[y][x] = in_a ? a[row * k + start + x] : 0;
    tile_b[y][x] = in_b ? b[(start + y) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="only a in a tile"
# Sixteen threads of a block have the same column. How often does the block load each element of b?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + x < k;
    tile_a[y][x] = in_a ? a[row * k + start + x] : 0;
    __syncthreads();
    if (col < n)
      for (int i = 0; i < T && start + i < k; i++)
        sum += tile_a[y][i] * b[(start + i) * n + col];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% mistake="matmul_tiled" active="py" name="x along the rows"
# A warp is two rows of your block: x from 0 to 15, twice. In one request to a, how many rows of a do its threads read?
matmul_tiled = r"""
constexpr int T = 16;

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float tile_a[T][T + 1], tile_b[T][T + 1];
  int x = threadIdx.x, y = threadIdx.y;
  int row = blockIdx.y * T + x, col = blockIdx.x * T + y;
  float sum = 0;
  for (int start = 0; start < k; start += T) {
    bool in_a = row < m && start + y < k;
    bool in_b = start + x < k && col < n;
    tile_a[x][y] = in_a ? a[row * k + start + y] : 0;
    tile_b[x][y] = in_b ? b[(start + x) * n + col] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) sum += tile_a[x][i] * tile_b[i][y];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% accepts="matmul_tiled" active="py" name="two buffers, one barrier a step"
matmul_tiled = r"""
constexpr int T = 16;

__device__ float at(const float* from, int rows, int cols, int r, int c) {
  return r < rows && c < cols ? from[size_t(r) * cols + c] : 0.f;
}

extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float left[2][T][T], right[2][T][T];
  const int x = threadIdx.x, y = threadIdx.y;
  const int row = blockIdx.y * T + y, col = blockIdx.x * T + x;
  float sum = 0.f;
  left[0][y][x] = at(a, m, k, row, x);
  right[0][y][x] = at(b, k, n, y, col);
  __syncthreads();
  int now = 0;
  for (int next = T; next < k + T; next += T, now ^= 1) {
    if (next < k) {
      left[now ^ 1][y][x] = at(a, m, k, row, next + x);
      right[now ^ 1][y][x] = at(b, k, n, next + y, col);
    }
    for (int i = 0; i < T; i++) sum += left[now][y][i] * right[now][i][x];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = sum;
}
"""

# %% accepts="matmul_tiled" active="py" name="template, 32 along k, flat tiles"
matmul_tiled = r"""
template <int ROWS, int COLS, int PITCH>
__device__ void fill(float* tile, const float* from, int rows, int cols,
                     int row, int col) {
  const int me = threadIdx.y * blockDim.x + threadIdx.x;
  for (int e = me; e < ROWS * COLS; e += blockDim.x * blockDim.y) {
    const int r = row + e / COLS, c = col + e % COLS;
    const bool inside = r < rows && c < cols;
    tile[e / COLS * PITCH + e % COLS] = inside ? from[r * cols + c] : 0.0f;
  }
}

extern "C" __global__
void matmul_tiled(const float* A, const float* B, float* C,
                  int M, int N, int K) {
  __shared__ float as[16 * 33];
  __shared__ float bs[32 * 16];
  const int top = blockIdx.y * 16, side = blockIdx.x * 16;
  float sum = 0.0f;
  for (int s = 0; s < K; s += 32) {
    __syncthreads();
    fill<16, 32, 33>(as, A, M, K, top, s);
    fill<32, 16, 16>(bs, B, K, N, s, side);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 32; ++i)
      sum = fmaf(as[threadIdx.y * 33 + i], bs[i * 16 + threadIdx.x], sum);
  }
  const int r = top + threadIdx.y, c = side + threadIdx.x;
  if (r < M && c < N) C[r * N + c] = sum;
}
"""

# %% accepts="matmul_tiled" active="py" name="padded tiles, stops at the last term"
matmul_tiled = r"""
extern "C" __global__
void matmul_tiled(const float* a, const float* b, float* c,
                  int m, int n, int k) {
  __shared__ float sa[16][17];
  __shared__ float sb[16][17];
  unsigned tx = threadIdx.x, ty = threadIdx.y;
  unsigned i = blockIdx.y * 16 + ty, j = blockIdx.x * 16 + tx;
  float acc = 0;
  for (int p = 0; p < k; p += 16) {
    int depth = min(16, k - p);
    if (i < m && tx < depth) sa[ty][tx] = a[i * k + p + tx];
    if (j < n && ty < depth) sb[ty][tx] = b[(p + ty) * n + j];
    __syncthreads();
    if (i < m && j < n)
      for (int q = 0; q < depth; q++) acc += sa[ty][q] * sb[q][tx];
    __syncthreads();
  }
  if (i < m && j < n) c[i * n + j] = acc;
}
"""

# %% [markdown]
# ## Does the count hold?
#
# NVIDIA's CUDA C++ Programming Guide says of its own pair of kernels that without shared memory `A` is read as often as `B` has columns, and with tiles `B.width / block_size` times; and the same for `B` and the rows of `A` ({claim}`guide-matmul-reads`).
# Here are the loads of the reference kernels in `kernels/matmul`, as exact counts, for 48 × 64 by 64 × 80.

# %%
from sixrounds.cuda.operators import operator

module = operator("matmul").module()


def measured(name, m, n, k, tile=16):
    """The metrics of a reference kernel in blocks of 16 x 16."""
    args = tuple(matmul_args(m, n, k, np.random.default_rng(3)).values())
    grid = (over(n, tile), over(m, tile))
    return module.launch(name, grid, (16, 16), args,
                         lane=cuda.Lane("metrics"))


# %%
def loads(report, array):
    """Elements loaded from a global array, over all threads."""
    rows = report.select(array, space="global", access="load")
    return sum(row.lanes for row in rows)


# %%
m, n, k = 48, 80, 64
print("how often each element is loaded")
print(f"{'kernel':<12}{'a':>6}{'guide':>7}{'b':>7}{'guide':>7}")
for name, block in (("naive", 1), ("tiled", 16)):
    report = measured(f"matmul_{name}", m, n, k)
    of_a = loads(report, "a") / (m * k)
    of_b = loads(report, "b") / (k * n)
    print(f"{name:<12}{of_a:>6g}{n / block:>7g}{of_b:>7g}{m / block:>7g}")

# %% [markdown]
# The guide's example has sizes that are multiples of the block. For the others the count of exercise 2 applies: 20 × 41 by 41 × 33 loads 5,166 elements, not a fraction of a block's.

# %%
report = measured("matmul_tiled", 20, 33, 41)
print(loads(report, "a") + loads(report, "b"), "elements loaded")

# %% [markdown]
# ## The second roof: shared memory
#
# Global memory gets 16 times fewer requests; suppose that the L2 cache makes up for the rest. What is the tiled kernel doing all the time?

# %%
measured("matmul_tiled", 64, 64, 64)

# %% [markdown]
# No conflict anywhere, every sector used. And still, look at the inner line: **two** requests to shared memory for each multiply-add of a warp.
#
# What can a multiprocessor of an A100 do? It has 64 units for 32-bit floats ({claim}`a100-sm`), so the multiply-adds of one warp take half a cycle.
# Shared memory has 32 banks of 4 bytes a cycle ({claim}`shared-banks`): one pass over the banks, a **wavefront**, takes a whole one.
# So shared memory keeps up only with **half a pass** per multiply-add of a warp. The tiled kernel needs two, and a bit for filling the tiles.

# %%
units, clock, multiprocessors = 64, 1.41e9, 108
print(f"peak: {2 * units * clock * multiprocessors / 1e12:.1f} TFLOP/s")
fma_cycles = 32 / units  # of a warp's multiply-adds
for name, tile in (("tiled", 16), ("registers", 64)):
    report = measured(f"matmul_{name}", 64, 64, 64, tile)
    shared = report.select(space="shared")
    passes = sum(row.wavefronts for row in shared) / (64**3 / 32)
    print(f"{name:<10} {passes:.2f} passes per multiply-add: at most "
          f"{100 * min(1, fma_cycles / passes):.0f} % of the peak")

# %% [markdown]
# The second line is the next kernel, `matmul_registers`, in advance; the 0.06 above one half are the filling of its tiles, bank conflicts included.
# Its idea is the first one again, one level up.
# Let a **thread** compute a small tile of R × S elements in registers. For each step along k it reads R values of `a` and S of `b` from shared memory, and makes R · S multiply-adds from them.

# %% mystnb={"figure": {"caption": "Passes over the banks for each multiply-add of a warp, by the tile of c that one thread keeps in registers. Only reading is counted, without conflicts, 4 bytes at a time."}, "image": {"alt": "Bar chart of passes per multiply-add for five register tiles: 2 for 1 by 1, 1.5 for 2 by 1, 1.06 for 16 by 1, 0.5 for 4 by 4, 0.25 for 8 by 8. A horizontal line marks 0.5, what the units of an A100 take. Only the last two bars do not exceed it."}}
shapes = [(1, 1), (2, 1), (16, 1), (4, 4), (8, 8)]
fig, ax = plt.subplots()
height = [(r + s) / (r * s) for r, s in shapes]
bars = ax.bar([f"{r} × {s}" for r, s in shapes], height)
ax.bar_label(bars, fmt="%.2f")
ax.axhline(fma_cycles, color="k", linestyle="--",
           label="time of the multiply-adds (A100)")
ax.set(xlabel="elements of c per thread", ylim=(0, 2.3),
       ylabel="passes per multiply-add of a warp",
       title="A square of outputs reuses both operands")
ax.legend();

# %% [markdown]
# Devices with 128 such units (compute capability 8.6 and 9.0; {claim}`units-128`) halve the line to 0.25: 4 × 4 is then bound by shared memory, and 8 × 8 with 4-byte reads only just not.
# Count it for the device you are asked about.
#
# Sixteen outputs in a strip need twice as many passes as sixteen in a square: the strip reuses one operand sixteen times and the other not at all.
#
# These are requests of the source. The compiler for the device may read four neighbors of a row of `tile_a` by one instruction of 16 bytes; that would lower the tiled kernel's number to 1.25 at best, if such a read takes one pass, and the fill: still more than twice the square's.
# Published measurements point the same way: on an RTX A6000 with 4,096 × 4,096 matrices, Boehm reports 1,987 GFLOP/s for a coalesced naive kernel, 2,980 with shared tiles, 15,972 with larger tiles and 8 × 8 outputs a thread, and 23,250 for cuBLAS ({claim}`boehm-matmul`).
# Shared memory alone brought half as much again; larger tiles and registers brought five times as much.

# %% [markdown]
# ## Exercise 4: several outputs a thread (20 min)
#
# Write the text of a kernel
#
# `extern "C" __global__ void matmul_registers(const float* a, const float* b, float* c, int m, int n, int k)`
#
# - The same product as before, any sizes from 1; `c` holds garbage before; nothing overlaps; `a` and `b` are not changed. All indices fit in an `int`.
# - `a`, `b` and `c` start at multiples of 16 bytes; their rows need not.
# - No thread may return while others still meet at a barrier: the checks report it.
# - The launch: blocks of 16 × 16 threads, each block for **64 × 64** elements of `c`: ⌈n/64⌉ blocks along `x`, ⌈m/64⌉ along `y`. No dynamic shared memory.
#   So a thread computes 16 elements. Which 16, and how deep your tiles are along k, is yours to choose.
# - Tested: the values (up to the rounding of 32-bit sums), and that the checks report nothing.
# - Tested for m = 64, n = 128 and k a multiple of 32, which take m · n · k / 32 multiply-adds of a warp:
#   at most 0.7 requests to shared memory, and at most 0.7 passes over its banks, for each of these;
#   at most 1.25 × m · n · k / 2,048 requests to `a`, and as many to `b`;
#   at most 1.1 times the ideal bytes of global memory in whole sectors, which are 4 · (m · k · n/64 + k · n · m/64 + m · n).
#
# Where the bounds come from: m · n · k / 2,048 is one request of 32 elements for all that a block must load of `a`; with 4 × 4 outputs a thread makes 8 reads of shared memory for 16 multiply-adds, half a request for each, and filling the tiles comes on top.
# What is counted is what your text asks for: read the operands of a step into local variables before you multiply. A `float4` is one request.
# The bytes of `c` count as well: choose a thread's sixteen outputs so that in each store neighboring threads write neighboring elements.
# On a GPU a cache may merge what is stored soon after; here each request counts by itself.

# %% tags=["setup"]
def registers_call(size, rng):
    """A launch of matmul_registers; `size` rows, and other sizes near it."""
    m, n, k = size, size + 5, size + 2
    grid = (over(n, 64), over(m, 64))
    return Call(grid, (16, 16), matmul_args(m, n, k, rng))


def whole_blocks(size, rng):
    """A launch of matmul_registers: 64 rows, 128 columns, `size` terms."""
    return Call((2, 1), (16, 16), matmul_args(64, 128, size, rng))


def check_traffic(traffic, k):
    """The bounds of exercise 4 for a launch of whole_blocks."""
    products = 64 * 128 * k
    for array in "ab":
        assert traffic.requests(array, load=True) <= 1.25 * products / 2048
    assert traffic.shared_requests() <= 0.7 * products / 32
    passes = traffic.wavefronts() * traffic.shared_requests()
    each = passes * 32 / products
    assert each <= 0.7, f"{each:.2f} passes over the banks per multiply-add"
    ideal = 4 * (64 * k * 2 + k * 128 + 64 * 128)
    assert traffic.global_bytes <= 1.1 * ideal


# %% exercise="matmul_registers"
### BEGIN SOLUTION
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];  // a transposed
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * T + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * T + x];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + r * T + y, col = left + s * T + x;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""
### END SOLUTION

# %% tests="matmul_registers" points=7
kernel = cuda.RawKernel(matmul_registers, "matmul_registers")
expect(kernel, registers_call).correct(
    matmul_wanted, sizes=(1, 20, 65), length=70, magnitude=matmul_scale
).no_reports()
expect(kernel, whole_blocks).correct(
    matmul_wanted, sizes=(1, 20), length=20, magnitude=matmul_scale
).no_reports()
check_traffic(expect(kernel, whole_blocks, measured=32), 32)
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("matmul_registers")


def any_registers(size, chance):
    """Any sizes near `size`, a part of them over the edge of a block."""
    m, n = (max(1, size + int(number)) for number in chance.integers(-5, 6, 2))
    k = int(chance.integers(1, 57))
    return Call((over(n, 64), over(m, 64)), (16, 16), matmul_args(m, n, k, chance))


sizes = (1, 9, 20, 35, 50, 59, 62, 66, 69, 75, 100, 130)
expect(kernel, any_registers, rng=draw).correct(
    matmul_wanted, sizes=sizes, length=60, magnitude=matmul_scale
).no_reports()
expect(kernel, whole_blocks, rng=draw).correct(
    matmul_wanted, sizes=(1, 20, 32, 45), length=45, magnitude=matmul_scale
).no_reports()
for size in (32, 64, 96, 128, 160):
    check_traffic(expect(kernel, whole_blocks, rng=draw, measured=size), size)
### END HIDDEN TESTS

# %% mistake="matmul_registers" active="py" name="a strip of sixteen"
# For one step along k, your thread reads one value of b and sixteen of a. How many multiply-adds does it make from these 17 reads? What would a square of 16 outputs read?
matmul_registers = r"""
constexpr int T = 16, WIDE = 64, STRIP = 16;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[WIDE][T], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y, me = y * T + x;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  int my_col = me % WIDE, my_top = me / WIDE * STRIP;
  float sum[STRIP] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < 4; j++) {
      int r = j * T + y, d = j * 4 + me / WIDE;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + d < k && left + my_col < n;
      tile_a[r][x] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[d][my_col] = in_b ? b[(start + d) * n + left + my_col] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_b = tile_b[i][my_col];
      for (int r = 0; r < STRIP; r++)
        sum[r] += tile_a[my_top + r][i] * of_b;
    }
    __syncthreads();
  }
  for (int r = 0; r < STRIP; r++) {
    int row = top + my_top + r, col = left + my_col;
    if (row < m && col < n) c[row * n + col] = sum[r];
  }
}
"""

# %% mistake="matmul_registers" active="py" name="operands not kept in registers"
# For one step along k, how many reads of shared memory does your text ask for, and how many different values are these?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];  // a transposed
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++)
          sum[r][s] += tile_a[i][r * T + y] * tile_b[i][s * T + x];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + r * T + y, col = left + s * T + x;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""

# %% mistake="matmul_registers" active="py" name="no second barrier"
# Before the next step fills the tiles: has every thread of the block read what it needs from these?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * T + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * T + x];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + r * T + y, col = left + s * T + x;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""

# %% mistake="matmul_registers" active="py" name="fills a quarter of the tiles"
# Your tiles have 1,024 elements each, and the block has 256 threads. How many elements of each must a thread load?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    bool in_a = top + y < m && start + x < k;
    bool in_b = start + y < k && left + x < n;
    tile_a[x][y] = in_a ? a[(top + y) * k + start + x] : 0;
    tile_b[y][x] = in_b ? b[(start + y) * n + left + x] : 0;
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * T + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * T + x];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + r * T + y, col = left + s * T + x;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""

# %% mistake="matmul_registers" active="py" name="blocks 16 apart"
# A block computes 64 x 64 elements. Where does the block beside it start?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * blockDim.y, left = blockIdx.x * blockDim.x;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * T + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * T + x];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + r * T + y, col = left + s * T + x;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""

# %% mistake="matmul_registers" active="py" name="guards only its first output"
# Your thread's first element lies inside c. Do all sixteen?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * T + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * T + x];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
    __syncthreads();
  }
  if (top + y >= m || left + x >= n) return;
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++)
      c[(top + r * T + y) * n + left + s * T + x] = sum[r][s];
}
"""

# %% mistake="matmul_registers" active="py" name="outputs side by side"
# Thread 0 owns columns 0 to 3, thread 1 columns 4 to 7. In one request, which columns do sixteen neighbors store, and how many sectors is that?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE + 1], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][y * EACH + j];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][x * EACH + j];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + y * EACH + r, col = left + x * EACH + s;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""

# %% mistake="matmul_registers" active="py" name="a transposed, not padded"
# While the tile of a is filled, neighbors in x write one below the other, 64 floats apart. In which bank is each of these sixteen words?
matmul_registers = r"""
constexpr int T = 16, EACH = 4, WIDE = T * EACH;

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float tile_a[T][WIDE], tile_b[T][WIDE];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * WIDE, left = blockIdx.x * WIDE;
  float sum[EACH][EACH] = {};
  for (int start = 0; start < k; start += T) {
    for (int j = 0; j < EACH; j++) {
      int r = j * T + y, s = j * T + x;
      bool in_a = top + r < m && start + x < k;
      bool in_b = start + y < k && left + s < n;
      tile_a[x][r] = in_a ? a[(top + r) * k + start + x] : 0;
      tile_b[y][s] = in_b ? b[(start + y) * n + left + s] : 0;
    }
    __syncthreads();
    for (int i = 0; i < T; i++) {
      float of_a[EACH], of_b[EACH];
      for (int j = 0; j < EACH; j++) of_a[j] = tile_a[i][j * T + y];
      for (int j = 0; j < EACH; j++) of_b[j] = tile_b[i][j * T + x];
      for (int r = 0; r < EACH; r++)
        for (int s = 0; s < EACH; s++) sum[r][s] += of_a[r] * of_b[s];
    }
    __syncthreads();
  }
  for (int r = 0; r < EACH; r++)
    for (int s = 0; s < EACH; s++) {
      int row = top + r * T + y, col = left + s * T + x;
      if (row < m && col < n) c[row * n + col] = sum[r][s];
    }
}
"""

# %% accepts="matmul_registers" active="py" name="a as it is, 8 deep, warps fill rows"
matmul_registers = r"""
constexpr int DEEP = 8, BLOCK = 64;

extern "C" __global__
void matmul_registers(const float* __restrict__ A,
                      const float* __restrict__ B, float* __restrict__ C,
                      int M, int N, int K) {
  __shared__ float as[BLOCK][DEEP];
  __shared__ float bs[DEEP][BLOCK];
  const int t = threadIdx.y * 16 + threadIdx.x;
  const int row0 = blockIdx.y * BLOCK, col0 = blockIdx.x * BLOCK;
  float acc[4][4];
  for (int i = 0; i < 16; ++i) acc[i / 4][i % 4] = 0.f;
  for (int k0 = 0; k0 < K; k0 += DEEP) {
    for (int e = t; e < BLOCK * DEEP; e += 256) {
      const int r = row0 + e / DEEP, d = k0 + e % DEEP;
      as[e / DEEP][e % DEEP] = r < M && d < K ? A[r * K + d] : 0.f;
      const int f = k0 + e / BLOCK, s = col0 + e % BLOCK;
      bs[e / BLOCK][e % BLOCK] = f < K && s < N ? B[f * N + s] : 0.f;
    }
    __syncthreads();
    for (int d = 0; d < DEEP; ++d) {
      float left[4], right[4];
      for (int i = 0; i < 4; ++i) {
        left[i] = as[threadIdx.y + 16 * i][d];
        right[i] = bs[d][threadIdx.x + 16 * i];
      }
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j)
          acc[i][j] = fmaf(left[i], right[j], acc[i][j]);
    }
    __syncthreads();
  }
  for (int i = 0; i < 4; ++i) {
    const int r = row0 + threadIdx.y + 16 * i;
    if (r >= M) break;
    for (int j = 0; j < 4; ++j) {
      const int s = col0 + threadIdx.x + 16 * j;
      if (s < N) C[size_t(r) * N + s] = acc[i][j];
    }
  }
}
"""

# %% accepts="matmul_registers" active="py" name="float4 from shared memory and to c"
matmul_registers = r"""
__device__ float at(const float* from, int rows, int cols, int r, int c) {
  return r < rows && c < cols ? from[r * cols + c] : 0.f;
}

__device__ float4 axpy(float k, float4 x, float4 y) {
  return make_float4(y.x + k * x.x, y.y + k * x.y, y.z + k * x.z,
                     y.w + k * x.w);
}

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ float sa[64][17];
  __shared__ float4 sb[16][16];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * 64, left = blockIdx.x * 64;
  float4 sum[4];
  for (int r = 0; r < 4; r++) sum[r] = make_float4(0, 0, 0, 0);
  for (int p = 0; p < k; p += 16) {
    for (int j = 0; j < 4; j++) {
      sa[16 * j + y][x] = at(a, m, k, top + 16 * j + y, p + x);
      ((float*)sb[y])[16 * j + x] = at(b, k, n, p + y, left + 16 * j + x);
    }
    __syncthreads();
    for (int i = 0; i < 16; i++) {
      float4 of_b = sb[i][x];
      for (int r = 0; r < 4; r++) sum[r] = axpy(sa[4 * y + r][i], of_b, sum[r]);
    }
    __syncthreads();
  }
  int col = left + 4 * x;
  for (int r = 0; r < 4; r++) {
    int row = top + 4 * y + r;
    if (row >= m) return;
    if (n % 4 == 0 && col + 3 < n) {
      *(float4*)&c[row * n + col] = sum[r];
    } else {
      float parts[4] = {sum[r].x, sum[r].y, sum[r].z, sum[r].w};
      for (int s = 0; s < 4; s++)
        if (col + s < n) c[row * n + col + s] = parts[s];
    }
  }
}
"""

# %% accepts="matmul_registers" active="py" name="two buffers, next tiles in registers"
matmul_registers = r"""
template <int DEEP>
struct Tiles {
  float a[DEEP][64 + 1];
  float b[DEEP][64];
};

extern "C" __global__
void matmul_registers(const float* a, const float* b, float* c,
                      int m, int n, int k) {
  __shared__ Tiles<16> tiles[2];
  int x = threadIdx.x, y = threadIdx.y;
  int top = blockIdx.y * 64, left = blockIdx.x * 64;
  float next_a[4], next_b[4], sum[16] = {};
  auto fetch = [&](int p) {
    for (int j = 0; j < 4; j++) {
      int r = top + 16 * j + y, s = left + 16 * j + x;
      next_a[j] = (r < m && p + x < k) ? a[r * k + p + x] : 0.f;
      next_b[j] = (p + y < k && s < n) ? b[(p + y) * n + s] : 0.f;
    }
  };
  auto keep = [&](Tiles<16>& to) {
    for (int j = 0; j < 4; j++) {
      to.a[x][16 * j + y] = next_a[j];
      to.b[y][16 * j + x] = next_b[j];
    }
  };
  fetch(0);
  keep(tiles[0]);
  __syncthreads();
  for (int p = 0, now = 0; p < k; p += 16, now = 1 - now) {
    bool more = p + 16 < k;
    if (more) fetch(p + 16);
    for (int i = 0; i < 16; i++) {
      float u[4], v[4];
      for (int j = 0; j < 4; j++) u[j] = tiles[now].a[i][16 * j + y];
      for (int j = 0; j < 4; j++) v[j] = tiles[now].b[i][16 * j + x];
      for (int e = 0; e < 16; e++) sum[e] += u[e / 4] * v[e % 4];
    }
    if (more) keep(tiles[1 - now]);
    __syncthreads();
  }
  for (int e = 0; e < 16; e++) {
    int row = top + 16 * (e / 4) + y, col = left + 16 * (e % 4) + x;
    if (row < m && col < n) c[row * n + col] = sum[e];
  }
}
"""

# %% [markdown]
# ## What it costs: registers and occupancy
#
# Sixteen sums, eight operands and the addresses must sit in registers, and a multiprocessor's registers are shared by all threads that live on it.
# **Occupancy** is the share of the warps that a multiprocessor could hold and does hold. Resident warps hide waiting: while one waits for memory, another computes.
#
# How many registers a kernel takes, only the compiler for the device can say. NVIDIA's compiler runs without a GPU.
# The cell asks it, if its wheel is installed.

# %%
kernels = ("matmul_naive", "matmul_tiled", "matmul_registers")
try:
    for name in kernels:
        used = module.get_function(name).resources("sm_80")
        print(f"{name}: {used.num_regs} registers, "
              f"{used.shared_size_bytes:,} bytes shared, "
              f"{used.spill_store_bytes} bytes spilled")
        print(f"    {used.occupancy(256)}")
except cuda.NotHereError as missing:
    print(f"skipped: {missing}")

# %% [markdown]
# The version of the compiler decides the numbers, so look at their order: the kernel with the fewest passes takes the most registers and leaves the **fewest** warps.
# That is no contradiction. A thread with sixteen independent sums has sixteen multiply-adds that need not wait for each other, and needs fewer neighbors to hide behind.
# Volkov made the point with measurements: *Better performance at lower occupancy*, GPU Technology Conference, 2010.
#
# Occupancy is arithmetic on three limits, and the arithmetic has corners. These are the rules for compute capability 8.0, such as an A100 ({claim}`occupancy-rules-80`):
#
# | resource | a multiprocessor has | a block takes |
# |---|---|---|
# | warps | 64 | its threads / 32, rounded up |
# | blocks | 32 | 1 |
# | registers | 65,536 in four equal quarters of 16,384 | for each warp 32 × registers per thread, rounded up to a multiple of 256; a warp's registers all lie in one quarter |
# | shared memory | 164 KB = 167,936 bytes | what it asks for plus 1 KB for the system (1,024 bytes), rounded up to a multiple of 128 |
#
# A quarter holds a whole number of warps, so registers allow 4 × ⌊16,384 / registers of a warp⌋ warps, and of these as many blocks as fit whole; how a block's warps spread over the quarters does not matter.
# The blocks that are resident are the least of the four limits.

# %%
from sixrounds.cuda.occupancy import occupancy

for registers in (32, 33, 40, 41, 64, 65):
    print(f"{registers} registers: {occupancy(registers, 0, 256)}")

# %% mystnb={"figure": {"caption": "Warps that a multiprocessor of compute capability 8.0 holds, by the registers of a thread, for blocks of 128 and of 512 threads without shared memory."}, "image": {"alt": "Two descending staircases of resident warps against registers per thread from 16 to 255. Both stay at 64 warps up to 32 registers. The one for blocks of 512 falls in fewer and deeper steps and reaches 0 beyond 128 registers, the one for blocks of 128 descends to 8."}}
registers = np.arange(16, 256)
fig, ax = plt.subplots()
for threads, style in ((128, "-"), (512, "--")):
    warps = [occupancy(int(r), 0, threads).warps for r in registers]
    ax.step(registers, warps, style, where="post",
            label=f"blocks of {threads} threads")
ax.set(xlabel="registers per thread", ylabel="resident warps (of 64)",
       title="Occupancy falls in steps", ylim=(0, 68))
ax.legend();

# %% [markdown]
# In blocks of 256, one register more than 32 costs a quarter of the warps, and one more than 64 a quarter of what is left by then.
# The Best Practices Guide's example, 37 registers in blocks of 128 and of 320, is 12 and 4 blocks by the same rules.
# A block that is too large wastes what a smaller one would fill.
#
# ## Exercise 5: blocks on a multiprocessor (15 min)
#
# Write `occupancy_blocks(registers, shared_bytes, threads)`: how many blocks of a kernel a multiprocessor of compute capability 8.0 holds at once, by the table above.
#
# - `registers` per thread, from 1 to 255; `threads` per block, from 1 to 1,024.
# - `shared_bytes` per block, 0 or more, without what the system takes. A block that does not fit, for whichever reason, gives 0. Assume that the launch has opted in to more than 48 KB a block.
# - Returns an int. Do not call a library's occupancy function: they ask for the arithmetic.

# %% exercise="occupancy_blocks"
def occupancy_blocks(registers, shared_bytes, threads):
    """Resident blocks on a multiprocessor of compute capability 8.0.

    Args:
        registers: int from 1 to 255, of a thread.
        shared_bytes: int >= 0, of a block.
        threads: int from 1 to 1024, of a block.

    Returns:
        int, 0 if no block fits.

    >>> occupancy_blocks(37, 0, 128)
    12
    """
    ### BEGIN SOLUTION
    warps = -(-threads // 32)
    per_warp = -(-32 * registers // 256) * 256
    by_registers = 4 * (16_384 // per_warp) // warps
    taken = -(-(shared_bytes + 1024) // 128) * 128
    by_shared = 164 * 1024 // taken
    return min(32, 64 // warps, by_registers, by_shared)
    ### END SOLUTION

# %% tests="occupancy_blocks" points=3
assert occupancy_blocks(32, 0, 256) == 8, "64 warps, all registers"
assert occupancy_blocks(37, 0, 128) == 12, "registers in units of 256"
assert occupancy_blocks(37, 0, 320) == 4, "large blocks leave a rest"
assert occupancy_blocks(40, 0, 256) == 6, "twelve warps in each quarter"
assert occupancy_blocks(16, 0, 32) == 32, "blocks of one warp"
assert occupancy_blocks(32, 16 * 1024, 64) == 9, "16 KB and 1 KB more"
assert occupancy_blocks(255, 0, 512) == 0, "more registers than there are"
### BEGIN HIDDEN TESTS
from sixrounds.cuda.occupancy import occupancy as trusted
from sixrounds.testing import pyrandom

draw = pyrandom("occupancy_blocks")


def right(registers, shared_bytes, threads):
    """Whether the answer is that of the toolkit, which NVIDIA's own calculator checks."""
    wanted = trusted(registers, shared_bytes, threads, "sm_80").blocks
    return occupancy_blocks(registers, shared_bytes, threads) == wanted


for case in range(60):
    registers, threads = draw.randrange(33, 256), draw.randrange(1, 1025)
    assert right(registers, 0, threads), "no shared memory, many registers"
for case in range(60):
    registers, threads = draw.randrange(40, 256), 32 * draw.randrange(1, 6)
    assert right(registers, 0, threads), "small blocks of many registers"
for case in range(60):
    shared, threads = draw.randrange(1, 60_000), draw.choice((32, 64, 100, 128))
    assert right(draw.randrange(1, 33), shared, threads), "few registers, shared memory"
for case in range(30):
    shared = 1024 * draw.choice((1, 2, 4, 7, 8, 15, 16, 31, 32, 40, 48, 53, 81))
    assert right(24, shared, 64), "shared memory in whole KB"
for case in range(30):
    threads = draw.randrange(1, 65)
    assert right(draw.randrange(1, 33), draw.randrange(0, 1024), threads), "very small blocks"
for case in range(30):
    threads = 32 * draw.randrange(1, 32) + draw.randrange(1, 32)
    assert right(draw.randrange(1, 33), 0, threads), "threads that are no multiple of 32"
for shared in (163 * 1024, 163 * 1024 + 1, 164 * 1024, 200_000):
    assert right(32, shared, 256), "shared memory near the limit, or above"
### END HIDDEN TESTS

# %% mistake="occupancy_blocks" active="py" name="no units of registers"
# Thirty-three registers a thread: in which units does a warp get its registers, and how many does it get?
def occupancy_blocks(registers, shared_bytes, threads):
    warps = -(-threads // 32)
    by_registers = 4 * (16_384 // (32 * registers)) // warps
    taken = -(-(shared_bytes + 1024) // 128) * 128
    return min(32, 64 // warps, by_registers, 164 * 1024 // taken)

# %% mistake="occupancy_blocks" active="py" name="one pool of registers"
# Each quarter has 16,384 registers. What happens to the rest of a quarter that is too small for a whole warp?
def occupancy_blocks(registers, shared_bytes, threads):
    warps = -(-threads // 32)
    per_warp = -(-32 * registers // 256) * 256
    by_registers = 65_536 // per_warp // warps
    taken = -(-(shared_bytes + 1024) // 128) * 128
    return min(32, 64 // warps, by_registers, 164 * 1024 // taken)

# %% mistake="occupancy_blocks" active="py" name="forgets the reserved kilobyte"
# A kernel asks for 16 KB. How much does a block of it take from the 164 KB?
def occupancy_blocks(registers, shared_bytes, threads):
    warps = -(-threads // 32)
    per_warp = -(-32 * registers // 256) * 256
    by_registers = 4 * (16_384 // per_warp) // warps
    taken = max(128, -(-shared_bytes // 128) * 128)
    return min(32, 64 // warps, by_registers, 164 * 1024 // taken)

# %% mistake="occupancy_blocks" active="py" name="no limit on blocks"
# Blocks of one warp, few registers: how many fit by warps, and how many does the device manage at all?
def occupancy_blocks(registers, shared_bytes, threads):
    warps = -(-threads // 32)
    per_warp = -(-32 * registers // 256) * 256
    by_registers = 4 * (16_384 // per_warp) // warps
    taken = -(-(shared_bytes + 1024) // 128) * 128
    return min(64 // warps, by_registers, 164 * 1024 // taken)

# %% mistake="occupancy_blocks" active="py" name="threads, not warps"
# A block of 33 threads: how many warps does it occupy, and how many sets of registers are given out?
def occupancy_blocks(registers, shared_bytes, threads):
    per_thread = -(-registers // 8) * 8
    by_registers = 4 * (16_384 // (32 * per_thread)) * 32 // threads
    taken = -(-(shared_bytes + 1024) // 128) * 128
    return min(32, 2048 // threads, by_registers, 164 * 1024 // taken)

# %% mistake="occupancy_blocks" active="py" name="at least one block"
# 255 registers a thread and 512 threads: does one such block fit? What would the launch say?
def occupancy_blocks(registers, shared_bytes, threads):
    warps = -(-threads // 32)
    per_warp = -(-32 * registers // 256) * 256
    by_registers = 4 * (16_384 // per_warp) // warps
    taken = -(-(shared_bytes + 1024) // 128) * 128
    return max(1, min(32, 64 // warps, by_registers, 164 * 1024 // taken))

# %% accepts="occupancy_blocks" active="py" name="rounding by a helper, limits in a list"
def occupancy_blocks(registers, shared_bytes, threads):
    def up(number, unit):
        return (number + unit - 1) // unit * unit

    warps = up(threads, 32) // 32
    quarter = 65536 // 4 // up(registers * 32, 256)
    limits = [32, 64 // warps, quarter * 4 // warps]
    limits.append(164 * 1024 // up(shared_bytes + 1024, 128))
    return min(limits)

# %% accepts="occupancy_blocks" active="py" name="adds blocks until one does not fit"
def occupancy_blocks(registers, shared_bytes, threads):
    warps = math.ceil(threads / 32)
    room = 16384 // (math.ceil(registers / 8) * 256) * 4
    memory = math.ceil((shared_bytes + 1024) / 128)
    blocks = 0
    while (
        blocks < 32
        and (blocks + 1) * warps <= min(64, room)
        and (blocks + 1) * memory <= 164 * 8
    ):
        blocks += 1
    return blocks

# %% [markdown]
# ## Defend it
#
# <details><summary>1. Why does the tiled kernel need two barriers, and when would one do?</summary>
#
# The first keeps a thread from reading elements that others have not written yet; the second from overwriting elements that others have not read yet.
# With two pairs of tiles, used in turn, one barrier a step is enough: while some threads still read pair 0, others write pair 1, and nobody can come back to pair 0 before all have passed the barrier in between.
# It costs twice the shared memory, and it is how loads of the next tiles overlap with the arithmetic of these.
# </details>
#
# <details><summary>2. Threads outside of c have nothing to compute. Why may they not return at the start?</summary>
#
# They have another job: each loads an element of the tiles. A thread below the last row that returns leaves a hole in the tile of `b`, which the others read.
# From compute capability 7.0 on, a barrier is documented to wait for the threads that have not exited. So the launch need not hang, which only makes the hole harder to find.
# The checks here report each such exit.
# </details>
#
# <details><summary>3. Would you pad the 16 × 16 tiles to 17 columns?</summary>
#
# Not by habit. A warp here is two rows of 16, and the unpadded tile puts them into 32 different banks: no conflict, neither storing nor reading.
# With 17 columns the second row starts one bank further, so its last element falls into the bank of the first row's first element: a two-way conflict when the tile is filled.
# It costs little (two passes instead of one while filling, one of 17 requests or so), and it gains nothing here. Padding is right where a warp walks down a column, as in the transposes of the notebook on memory.
# </details>
#
# <details><summary>4. Which tile would you choose for a device with twice the arithmetic and the same memory?</summary>
#
# The ridge doubles, so the side must double for the same balance: the intensity of a square tile is T / 4.
# The tile's two strips in shared memory grow with T times the depth, and its sums with T². So the depth shrinks, the outputs of a thread or the threads of a block grow, and registers become scarce before shared memory does.
# The L2 cache helps as well: blocks that run at the same time and are neighbors in `c` share rows of `a` and columns of `b`, if the grid is walked in patches rather than row by row.
# </details>
#
# <details><summary>5. m is 1: one token. Which tile?</summary>
#
# None. Each weight is used once, 2 operations for 4 bytes, and memory is the roof for any tile.
# It is a matrix-vector product: read the weights once, coalesced, split along k to fill the device, and reduce.
# What helps is fewer bytes a weight (16, 8 or 4 bits), or more rows: batching.
# No kernel does better than 2mnk operations for the 4(mk + kn + mn) bytes that must move at least once; with large n and k that is about m / 2 operations per byte.
# So below an m of about 25 (the ridge is 12.5), an A100 cannot leave the memory roof in 32-bit floats.
# </details>
#
# <details><summary>6. Your kernel spills. What do you see, and what do you do?</summary>
#
# The compiler reports bytes of spill stores and loads. Spilled values go to local memory, which is per thread, in device memory, and cached in L1.
# First ask whether an array is indexed with something the compiler cannot resolve: registers have no addresses, so `sum[r][s]` must be unrolled completely, or the whole array goes to local memory.
# That is reported as a stack frame even without spills.
# Then use smaller outputs per thread, or relax `__launch_bounds__` if it forced the compiler to few registers. A spill outside of the loop along k may not matter at all.
# </details>
#
# <details><summary>7. How wrong is your sum for k = 8,192?</summary>
#
# Each of the k additions rounds by at most 2⁻²⁴ of its result. So the error is at most about k · 2⁻²⁴ of the sum of the |a| · |b|: 5 · 10⁻⁴ here.
# Rounding up and down mostly cancels, so expect far less, but that is luck and not a bound.
# A sum of its own for each stretch along k, added to the total afterwards, lowers the bound, and so does a split along k; tiles alone, with one sum that runs through, do not.
# TF32 keeps 11 significant bits of each input ({claim}`tf32-bits`): rounding costs up to 2⁻¹¹ each, about 2⁻¹⁰ = 10⁻³ for a product, whatever k is, and twice that where bits are cut off instead.
# So state the tolerance before you switch.
# </details>
#
# <details><summary>8. What separates this kernel from cuBLAS?</summary>
#
# In 32-bit floats: reads of 16 bytes from both memories, tiles per warp between block and thread, the next tiles loaded while these are used (since compute capability 8.0 by asynchronous copies straight into shared memory, without registers between), tiles chosen by shape, and a split along k where m and n are too small to fill the device.
# Tensor cores are another league: an A100's peak is 8 times as high with TF32 inputs and 16 times with 16-bit ones ({claim}`a100-tensor`), so the ridge moves, and feeding the units becomes the whole problem.
# If the accuracy of the inputs allows it, *that* is the first change, before any of the others.
# </details>

# %% [markdown]
# ## Take away
#
# - Count bytes per operation first: a tile's side over four, against the ridge of the device.
# - Two barriers a step: one before reading what others wrote, one before overwriting what others read.
# - A test with ones, or with a single step, cannot see a missing barrier. A report can.
# - Shared memory is a roof, too: a square of outputs in registers reads r + s values for r · s multiply-adds.
# - Occupancy is arithmetic in units of warps, 256 registers and 128 bytes; it is a means, not the goal.
