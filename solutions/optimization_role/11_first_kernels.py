# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # First kernels: one thread an element, and no thread past the end
#
# **Time:** 75 minutes, of which 35 are exercises. **Needs:** numpy; to have read some C.
#
# > **The question, as you will hear it.**
# > "After every layer we clamp and rescale ten million activations.
# > Write that as a CUDA kernel, launch it, and tell me how fast it could possibly be.
# > What happens when the number of elements is not a multiple of your block?"
#
# **What they listen for**
#
# - You compute a thread's element from its block and its place in the block, and you guard the end before you are asked.
# - You choose a grid for a reason, and you know the kernel stays right with any other.
# - You say that this kernel is bound by memory, with the two numbers that prove it.
# - You ask what a NaN should become, because a clamp can hide one.
#
# **Ask first:** what type are the elements? May input and output be the same array? Is the size known when we compile?
# Must a NaN survive? Who owns the arrays, and are they on the device already?
#
# The answers here: 32-bit floats; yes, they may be the same; no; a NaN must survive; we own them, and for this lesson the "device" is a checked build for your CPU.

# %% [markdown]
# ## A lab without a GPU
#
# The kernels below are CUDA C++, unchanged. `sixrounds.cuda` compiles them for this computer's processor and runs the threads of a block one after the other.
# That is slow and says nothing about time. It sees what a GPU hides instead: an access past the end, a race, a barrier that is missed.
#
# The names are CuPy's: `RawKernel(code, name)`, then `kernel(grid, block, arguments)`.
# One switch, `cuda.use(...)`, picks the **lane**: `check` looks for faults, `metrics` counts memory traffic, `gpu` hands the same text to CuPy where there is a GPU.
# Nothing on this page was run on a GPU.

# %% tags=["setup"]
import math

import numpy as np

import sixrounds
from sixrounds import cuda
from sixrounds.cuda import Call, expect, numbers, over

# %%
add_code = r"""
extern "C" __global__
void add(const float* a, const float* b, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = a[i] + b[i];
}
"""
add = cuda.RawKernel(add_code, "add")
a = np.arange(8, dtype=np.float32)
b = 10 * a
out = np.zeros_like(a)
report = add((2,), (4,), (a, b, out, np.int32(8)))
print(out)
print(report)

# %% [markdown]
# A launch is a **grid** of blocks, and each **block** has the same number of threads. Here: 2 blocks of 4.
# All threads run the same function. What differs are `blockIdx`, the number of the block, and `threadIdx`, the place in it.
# So the element of a thread is `blockIdx.x * blockDim.x + threadIdx.x`: the elements of the blocks before mine, and then my place.
#
# `extern "C"` keeps the name as it is written: C++ would change it, and CuPy would not find it.
# `np.int32(8)` has the size that `int` has: a launch passes bytes, not Python numbers.
# Here a call also returns a **report** of what was seen. The lines it names are lines of your text; the empty one after `r"""` is line 1.
#
# Eight elements, eight threads. Now ten elements. Two blocks are too few, so we launch three, and twelve threads start.

# %%
import warnings

a = np.arange(10, dtype=np.float32)
b, out = 10 * a, np.zeros_like(a)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # we read the report instead
    report = add((3,), (4,), (a, b, out, np.int32(10)))
print(out)
print()
print(report)

# %% [markdown]
# All ten sums are right, and the kernel is wrong.
# Threads 2 and 3 of the last block read past the ends of `a` and `b` and wrote past the end of `out`.
# On a GPU that often goes unnoticed: memory is handed out in larger pieces, and the neighbor that was overwritten is somebody else's array.
# This is why the tests below look at reports, not only at results.

# %% mystnb={"figure": {"caption": "Which thread takes which of ten elements, with three blocks of four threads. The last two threads have none."}, "image": {"alt": "Twelve cells in a row, numbered 0 to 11 and colored by block in groups of four. Cells 0 to 9 are labeled as elements of the array; cells 10 and 11 lie past its end and are hatched."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()
fig, ax = plt.subplots(figsize=(7, 1.9))
for i in range(12):
    block, thread = divmod(i, 4)
    past = i >= 10
    ax.bar(i, 1, 0.92, color=f"C{block}", alpha=0.35 if past else 1,
           hatch="xx" if past else "", edgecolor="w")
    ax.text(i, 0.5, thread, ha="center", va="center", color="w")
ax.set(xlabel="element i = blockIdx.x * 4 + threadIdx.x", yticks=[],
       xticks=range(12), title="Numbers: threadIdx.x. Colors: blockIdx.x")
ax.axvline(9.5, color="k", linestyle="--");

# %% [markdown]
# ## The guard
#
# The cure is one comparison. It needs the size as an argument: a pointer does not know how long its array is.
# Launch enough blocks to cover all elements, by dividing and **rounding up**, and let the threads past the end do nothing.

# %%
guarded = add_code.replace("  out[i]", "  if (i < n) out[i]")
add = cuda.RawKernel(guarded, "add")
threads = 4
blocks = (10 + threads - 1) // threads
print(add((blocks,), (threads,), (a, b, out, np.int32(10))))

# %% [markdown]
# ## Exercise 1: how many blocks (5 min)
#
# Write `blocks_for(n, threads)`: the **smallest number of blocks** of `threads` threads whose threads cover `n` elements.
#
# - `n` is a whole number, 0 or more, up to 10¹⁸; `threads` is a whole number from 1 to 1024.
# - CUDA refuses a grid of 0 blocks, so for `n` = 0 the answer is 1: a block whose threads all do nothing.
# - Returns an int, and is exact for the largest `n`, too: a float holds 15 to 16 digits.

# %% exercise="blocks_for"
def blocks_for(n, threads):
    """Blocks that cover n elements, at least one.

    Args:
        n: int >= 0, elements.
        threads: int from 1 to 1024, threads of a block.

    Returns:
        int, the smallest number of blocks >= 1 with
        blocks * threads >= n.

    >>> blocks_for(10, 4)
    3
    """
    ### BEGIN SOLUTION
    return max(1, -(-n // threads))
    ### END SOLUTION

# %% tests="blocks_for" points=2
assert blocks_for(10, 4) == 3, "two blocks are too few"
assert blocks_for(8, 4) == 2, "exactly two blocks"
assert blocks_for(1, 256) == 1, "one element needs a block"
assert blocks_for(0, 256) == 1, "CUDA refuses an empty grid"
assert isinstance(blocks_for(5, 4), int), "a number of blocks is whole"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("blocks_for")
for case in range(200):
    threads = draw.choice((1, 32, 96, 256, 1000, 1024))
    blocks = draw.randrange(1, 5000)
    assert blocks_for(blocks * threads, threads) == blocks, "a size that is a whole number of blocks"
    if threads > 1:
        more = blocks * threads + draw.randrange(1, threads)
        assert blocks_for(more, threads) == blocks + 1, "a size that fills the last block in part"
    assert blocks_for(0, 1 + 5 * case) == 1, "no elements"
    large = 10**18 - draw.randrange(10**6)
    assert blocks_for(large, threads) == (large + threads - 1) // threads, "sizes near 10**18"
    almost = blocks * 1024 + 1
    assert blocks_for(almost, 1024) == blocks + 1, "one element more than whole blocks"
    got = blocks_for(almost, threads)
    assert isinstance(got, int) and not isinstance(got, bool), "the type of the answer"
### END HIDDEN TESTS

# %% mistake="blocks_for" active="py" name="rounds down"
# Ten elements, blocks of four: who computes elements 8 and 9?
def blocks_for(n, threads):
    return max(1, n // threads)

# %% mistake="blocks_for" active="py" name="always one more"
# Eight elements, blocks of four: what does your last block do?
def blocks_for(n, threads):
    return n // threads + 1

# %% mistake="blocks_for" active="py" name="empty grid"
# A request arrives with no elements at all. What does CUDA say to a grid of zero blocks? (And if you know (n - 1) / threads + 1 from C: what is -1 // 256 in Python?)
def blocks_for(n, threads):
    return (n + threads - 1) // threads

# %% mistake="blocks_for" active="py" name="divides in floats"
# How many digits does a float hold, and how many does your largest size have? Is there a way to round up with whole numbers alone?
def blocks_for(n, threads):
    return max(1, math.ceil(n / threads))

# %% accepts="blocks_for" active="py" name="divmod"
def blocks_for(n, threads):
    whole, rest = divmod(n, threads)
    return max(whole + (rest > 0), 1)

# %% [markdown]
# ## What is refused before it runs
#
# A launch has limits: at most 1,024 threads a block, no empty grid, arguments of the right type.
# CuPy copies the bytes of whatever it gets: a Python float is 8 bytes, and a `float` parameter reads 4 of them.
# Here the same mistakes are refused, with a sentence.

# %%
for grid, block, size in (
    ((1,), (2048,), np.int32(10)),
    ((0,), (256,), np.int32(10)),
    ((1,), (256,), 10.0),
):
    try:
        add(grid, block, (a, b, out, size))
    except cuda.LaunchError as error:
        print(error)

# %% [markdown]
# ## How fast could it be?
#
# Clamping and scaling an element reads 4 bytes, writes 4, and computes about three operations: two comparisons and a product.
# Take an A100 with 40 GB: its data sheet says 1,555 GB/s of memory bandwidth and 19.5 TFLOP/s in 32-bit floats ({claim}`a100-peaks`).
# That second number counts a fused multiply-add as two operations; other operations get half of it at best.

# %%
elements = 10_000_000
bandwidth, operations = 1555e9, 19.5e12 / 2  # bytes/s, operations/s
moving = 8 * elements / bandwidth
computing = 3 * elements / operations
print(f"moving the bytes:  at least {1e6 * moving:.0f} microseconds")
print(f"computing:         at least {1e6 * computing:.0f} microseconds")
print(f"ratio: {moving / computing:.0f}")

# %% [markdown]
# These two numbers answer the interviewer: about 51 microseconds at best, and memory needs more than ten times as long as arithmetic.
# A faster formula changes nothing here; **fewer bytes** would.
# That is why frameworks fuse elementwise steps: clamp and scale in one kernel read and write once, in two kernels twice.
#
# The bound is reached only if every byte that is fetched is used. The `metrics` lane counts.
# The 32 threads of a **warp** execute an access together: for one instruction that is one **request**, and memory answers in **sectors** of 32 bytes.
# 32 threads that read 32 neighboring floats need 128 bytes: 4 sectors, if the first starts at the beginning of a sector, and 5 if not.

# %%
values = np.arange(1024, dtype=np.float32)
others, result = np.ones_like(values), np.zeros_like(values)
with cuda.use("metrics"):
    report = add((4,), (256,), (values, others, result, np.int32(1024)))
report

# %% [markdown]
# Four sectors a request, and the ideal is four: all that is asked for is used.
# These are requests of the source, before any cache; a GPU's own counters may differ.
#
# ## Any grid: the grid-stride loop
#
# One thread an element needs a grid that fits the size. In a **grid-stride loop** a thread takes element `i`, then `i` plus the number of all threads, and so on.
# The kernel is right for any grid, threads are reused, and their set-up is paid once.
#
# How many threads, then? Enough to fill the machine: multiprocessors times the blocks that fit on each at once.
#
# Which elements should a thread take? Two plans, each counted for 128 threads and 1,024 elements:

# %%
stride_code = r"""
extern "C" __global__ void twice(const float* in, float* out, int n) {
  int step = gridDim.x * blockDim.x;
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += step) out[i] = 2 * in[i];
}
"""
chunk_code = r"""
extern "C" __global__ void twice(const float* in, float* out, int n) {
  int threads = gridDim.x * blockDim.x;
  int each = (n + threads - 1) / threads;
  int first = (blockIdx.x * blockDim.x + threadIdx.x) * each;
  for (int i = first; i < first + each && i < n; i++) out[i] = 2 * in[i];
}
"""

# %%
counts = {}
for plan, code in (("stride", stride_code), ("chunk", chunk_code)):
    kernel = cuda.RawKernel(code, "twice")
    with cuda.use("metrics"):
        report = kernel((2,), (64,), (values, result, np.int32(1024)))
    assert np.array_equal(result, 2 * values)
    counts[plan] = report.sectors_per_request("in")
    print(f"{plan}: {counts[plan]:.0f} sectors per request, "
          f"{report.global_bytes:,} bytes in all")

# %% mystnb={"figure": {"caption": "Which thread takes which of 24 elements: in a grid-stride loop neighbors belong to neighboring threads, in chunks to the same one."}, "image": {"alt": "Two rows of 24 cells colored and numbered by thread. In the upper row the numbers run 0 to 7 three times. In the lower row each number stands three times in a row: 0 0 0 1 1 1 and so on."}}
fig, ax = plt.subplots(figsize=(7, 2))
for row, owner in ((1, lambda i: i % 8), (0, lambda i: i // 3)):
    for i in range(24):
        ax.bar(i, 0.9, 0.92, bottom=row, color=f"C{owner(i) % 4}")
        ax.text(i, row + 0.45, owner(i), ha="center", va="center", color="w")
ax.set(xlabel="element", yticks=[0.45, 1.45], yticklabels=["chunk", "stride"],
       title="Numbers: the thread that takes the element");

# %% [markdown]
# Chunks are what one would give to threads of a CPU, each of which has a cache of its own.
# On a GPU one request of a warp then touches 32 sectors and uses 4 bytes of each. The other 28 are good only if they are still in a cache when the thread comes to them, and all threads of the multiprocessor share that cache.
# **Neighboring threads should touch neighboring addresses.** The next notebook is about nothing else.

# %% [markdown]
# ## Exercise 2: saxpy (10 min)
#
# Write the text of a kernel `saxpy` that computes `y[i] = alpha * x[i] + y[i]`:
#
# `extern "C" __global__ void saxpy(float alpha, const float* x, float* y, int n)`
#
# - `x` and `y` are two arrays of `n` elements, `n` ≥ 1, in 32-bit floats, that do not overlap. `y` is changed, `x` is not.
# - The grid is one-dimensional and has at least `n` threads: often more, sometimes several whole blocks more. One thread an element is enough; a loop is fine, too.
# - Threads per block: from 1 to 1024, not always a multiple of 32.
# - Tested: the values (up to the rounding of 32-bit floats), that the checks report nothing, and, **with blocks of 64 threads**, at most 4.5 sectors per request for `x` and for `y`, and at most ⌈n / 32⌉ requests for the loads of each and for the stores. (An average can be fooled by requests of one thread: the number belongs to it.)
#
# Replace the line below by the whole text in a Python string, as `add_code` above; `r"""` keeps backslashes as they are.
# Types and order of the parameters must be those of the signature; their names are yours.
# In the tests, `expect` launches your kernel for several sizes, and compares values and reports.

# %% tags=["setup"]
def saxpy_call(size, rng):
    """A launch of saxpy for `size` elements, in blocks of 64."""
    x, y = numbers(rng, size), numbers(rng, size)
    args = {"alpha": np.float32(1.5), "x": x, "y": y, "n": np.int32(size)}
    return Call(over(size, 64), 64, args)


def saxpy_wanted(alpha, x, y, **_):
    """What saxpy must compute, in 64-bit floats."""
    return {"y": np.float64(alpha) * x + y.astype(np.float64)}


def saxpy_scale(alpha, x, y, **_):
    """What its rounding errors are relative to."""
    return {"y": abs(np.float64(alpha) * x) + abs(y.astype(np.float64))}


# %% exercise="saxpy"
### BEGIN SOLUTION
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = alpha * x[i] + y[i];
}
"""
### END SOLUTION

# %% tests="saxpy" points=4
kernel = cuda.RawKernel(saxpy, "saxpy")
x, y = np.arange(5, dtype=np.float32), np.ones(5, dtype=np.float32)
kernel((1,), (32,), (np.float32(2), x, y, np.int32(5)))
assert y.tolist() == [1, 3, 5, 7, 9], "2 * x + 1 for five elements"
expect(kernel, saxpy_call).correct(
    saxpy_wanted, magnitude=saxpy_scale
).no_reports()
traffic = expect(kernel, saxpy_call)  # 1,024 elements
assert traffic.sectors_per_request("x") <= 4.5
assert traffic.requests("x", load=True) <= 1024 / 32
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("saxpy")


def any_call(size, chance):
    """A launch with blocks of any size, and sometimes whole blocks too many."""
    threads = int(chance.choice((1, 20, 32, 100, 256, 1024)))
    x, y = numbers(chance, size), numbers(chance, size)
    args = {"alpha": np.float32(chance.normal()), "x": x, "y": y, "n": np.int32(size)}
    return Call(over(size, threads) + int(chance.integers(3)), threads, args)


sizes = (1, 2, 31, 33, 64, 127, 200, 256, 1000)
expect(kernel, any_call, rng=draw).correct(saxpy_wanted, sizes=sizes, magnitude=saxpy_scale).no_reports()
for size in (512, 1024, 2048, 4096, 5000):
    traffic = expect(kernel, saxpy_call, rng=draw, measured=size)
    traffic.sectors_per_request("x", load=True) <= 4.5
    traffic.sectors_per_request("y", store=True) <= 4.5
    traffic.requests("x", load=True) <= over(size, 32)
    traffic.requests("y", load=True) <= over(size, 32)
    traffic.requests("y", store=True) <= over(size, 32)
### END HIDDEN TESTS

# %% mistake="saxpy" active="py" name="no guard"
# Your grid has 64 threads and the array has 33 elements. Which memory do the other 31 threads touch?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = alpha * x[i] + y[i];
}
"""

# %% mistake="saxpy" active="py" name="guard off by one"
# With n elements, what is the last index that exists? What does your guard let through?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) y[i] = alpha * x[i] + y[i];
}
"""

# %% mistake="saxpy" active="py" name="forgets the block"
# Thread 5 of block 0 and thread 5 of block 1: which element does each of them take?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int i = threadIdx.x;
  if (i < n) y[i] = alpha * x[i] + y[i];
}
"""

# %% mistake="saxpy" active="py" name="assumes blocks of 256"
# Who decides how many threads a block has: your kernel, or the launch?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < n) y[i] = alpha * x[i] + y[i];
}
"""

# %% mistake="saxpy" active="py" name="overwrites y"
# What was in y before? Does your result still depend on it?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = alpha * x[i];
}
"""

# %% mistake="saxpy" active="py" name="neighbors far apart"
# Threads 0 and 1 of a warp issue their reads together. How far apart are the two addresses, and how many sectors is that for all 32?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int threads = gridDim.x * blockDim.x;
  int me = threadIdx.x * gridDim.x + blockIdx.x;
  for (int i = me; i < n; i += threads) y[i] = alpha * x[i] + y[i];
}
"""

# %% mistake="saxpy" active="py" name="one thread does it all"
# Each of your requests has one thread in it, so its average looks perfect. How many requests are there, and what do the other threads do?
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  if (blockIdx.x == 0 && threadIdx.x == 0)
    for (int i = 0; i < n; i++) y[i] = alpha * x[i] + y[i];
}
"""

# %% accepts="saxpy" active="py" name="early return, other names"
saxpy = r"""
extern "C" __global__
void saxpy(float factor, const float* __restrict__ in, float* out, int count) {
  const unsigned index = threadIdx.x + blockDim.x * blockIdx.x;
  if (index >= count) return;
  out[index] += factor * in[index];
}
"""

# %% accepts="saxpy" active="py" name="grid-stride with fma"
saxpy = r"""
extern "C" __global__
void saxpy(float alpha, const float* x, float* y, int n) {
  int step = blockDim.x * gridDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    y[i] = fmaf(alpha, x[i], y[i]);
  }
}
"""

# %% [markdown]
# ## What a clamp does to a NaN
#
# A NaN in the activations means that something broke upstream. Whoever reads the output should see it.
# C's `fminf` and `fmaxf` return the *other* argument when one is a NaN, and CUDA's do the same. So the obvious clamp turns a NaN into a plausible number:

# %%
nan_code = r"""
extern "C" __global__ void show(const float* in, float* out) {
  float x = in[threadIdx.x];
  out[2 * threadIdx.x] = fminf(fmaxf(x, -1.f), 1.f);
  out[2 * threadIdx.x + 1] = x < -1.f ? -1.f : (x > 1.f ? 1.f : x);
}
"""
seen = np.zeros(8, np.float32)
given = np.array([-5, 0.5, 5, np.nan], np.float32)
cuda.RawKernel(nan_code, "show")((1,), (4,), (given, seen))
for x, pair in zip(given, seen.reshape(4, 2)):
    print(f"{x:5}  fminf, fmaxf: {pair[0]:5}   comparisons: {pair[1]:5}")

# %% [markdown]
# Every comparison with a NaN is false, so the second form falls through to `x` itself.
# Which of the two is right is a question for whoever asked; that you *asked* is what they remember.

# %% [markdown]
# ## Exercise 3: clamp and scale, any grid (15 min)
#
# Write the text of a kernel `clamp_scale`: `out[i] = scale * v`, where `v` is `in[i]` brought into the range from `low` to `high`.
#
# `extern "C" __global__ void clamp_scale(const float* in, float* out, float low, float high, float scale, int n)`
#
# - `in` and `out` have `n` ≥ 1 floats; they may be **the same array** (then no `__restrict__`). If they are not, `in` is not changed.
# - `low` ≤ `high`; both and `scale`, of any sign, are finite. A value below `low` becomes `low`, one above `high` becomes `high`; so do the infinities. **A NaN stays a NaN.**
# - The grid is one-dimensional and may have **fewer threads than elements**, down to one block of one thread, or more. Every element must be written once.
# - Tested: the values, that the checks report nothing, and, **with blocks of 64 threads**, at most 4.5 sectors per request and at most ⌈n / 32⌉ requests for `in` and for `out`.

# %% tags=["setup"]
def clamp_call(size, rng):
    """A launch of clamp_scale with two blocks of 64, whatever the size."""
    values = numbers(rng, size)
    args = {"in": values, "out": np.zeros_like(values)}
    args |= {"low": np.float32(-1), "high": np.float32(2)}
    args |= {"scale": np.float32(3), "n": np.int32(size)}
    return Call(2, 64, args)


def clamp_wanted(low, high, scale, **arrays):
    """What clamp_scale must compute, in 64-bit floats."""
    values = arrays["in"].astype(np.float64)
    return {"out": np.float64(scale) * np.clip(values, low, high)}


# %% exercise="clamp_scale"
### BEGIN SOLUTION
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int step = gridDim.x * blockDim.x;
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += step) {
    float x = in[i];
    if (x < low) x = low;
    if (x > high) x = high;
    out[i] = scale * x;
  }
}
"""
### END SOLUTION

# %% tests="clamp_scale" points=5
kernel = cuda.RawKernel(clamp_scale, "clamp_scale")
given = np.array([-5, 0.5, np.inf, np.nan], np.float32)
result = np.zeros_like(given)
bounds = (np.float32(-1), np.float32(2), np.float32(10))
kernel((1,), (2,), (given, result, *bounds, np.int32(4)))
assert result[:3].tolist() == [-10, 5, 20], "two threads, four elements"
assert np.isnan(result[3]), "a NaN stays a NaN"
kernel((1,), (2,), (given, given, *bounds, np.int32(4)))
assert given[:3].tolist() == [-10, 5, 20], "input and output are one array"
expect(kernel, clamp_call).correct(clamp_wanted).no_reports()
traffic = expect(kernel, clamp_call)  # 1,024 elements
assert traffic.sectors_per_request("in") <= 4.5
assert traffic.sectors_per_request("out") <= 4.5
assert traffic.requests("in") <= 1024 / 32
assert traffic.requests("out") <= 1024 / 32
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("clamp_scale")


def any_clamp(size, chance):
    """Any bounds, any grid; some NaN and infinities; sometimes in place."""
    values = numbers(chance, size)
    for odd in (np.nan, np.inf, -np.inf):
        values[chance.random(size) < 0.05] = odd
    low, high = np.sort(chance.normal(0, 2, 2)).astype(np.float32)
    out = values if chance.random() < 0.3 else np.full(size, 7, np.float32)
    args = {"in": values, "out": out, "low": low, "high": high}
    args |= {"scale": np.float32(chance.normal(0, 3)), "n": np.int32(size)}
    grid, block = ((1, 1), (1, 20), (2, 32), (3, 64), (40, 64))[chance.integers(5)]
    return Call(grid, block, args)


def some_nan(size, chance):
    """A few threads for many elements, among them NaN."""
    call = clamp_call(size, chance)
    call.args["in"][chance.integers(size)] = np.nan
    return call


sizes = (1, 2, 31, 33, 64, 127, 128, 129, 200, 1000)
expect(kernel, any_clamp, rng=draw).correct(clamp_wanted, sizes=sizes).no_reports()
expect(kernel, some_nan, rng=draw).correct(clamp_wanted, sizes=sizes).no_reports()
for size in (512, 1024, 2048, 4096, 5000):
    traffic = expect(kernel, clamp_call, rng=draw, measured=size)
    traffic.sectors_per_request("in", load=True) <= 4.5
    traffic.sectors_per_request("out", store=True) <= 4.5
    traffic.requests("in") <= over(size, 32)
    traffic.requests("out") <= over(size, 32)
### END HIDDEN TESTS

# %% mistake="clamp_scale" active="py" name="one thread an element only"
# Two blocks of 64 threads, 1,000 elements: who takes element 500?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float x = in[i];
    if (x < low) x = low;
    if (x > high) x = high;
    out[i] = scale * x;
  }
}
"""

# %% mistake="clamp_scale" active="py" name="loses a NaN"
# What does fmaxf return when one of its arguments is a NaN? Would anyone still see that something broke?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int step = gridDim.x * blockDim.x;
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += step)
    out[i] = scale * fminf(fmaxf(in[i], low), high);
}
"""

# %% mistake="clamp_scale" active="py" name="chunks"
# In one request, 32 threads of a warp read together. With your plan, how many sectors do these 32 addresses lie in?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int threads = gridDim.x * blockDim.x;
  int each = (n + threads - 1) / threads;
  int first = (blockIdx.x * blockDim.x + threadIdx.x) * each;
  for (int i = first; i < first + each && i < n; i++) {
    float x = in[i];
    if (x < low) x = low;
    if (x > high) x = high;
    out[i] = scale * x;
  }
}
"""

# %% mistake="clamp_scale" active="py" name="stride of one block"
# There are two blocks, and every thread moves on by the size of one. How often is each element done?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += blockDim.x) {
    float x = in[i];
    if (x < low) x = low;
    if (x > high) x = high;
    out[i] = scale * x;
  }
}
"""

# %% mistake="clamp_scale" active="py" name="scales, then clamps"
# The bounds are for the value before it is scaled. With a scale of 3 and a high of 2, what may come out at most?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int step = gridDim.x * blockDim.x;
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += step) {
    float x = scale * in[i];
    if (x < low) x = low;
    if (x > high) x = high;
    out[i] = x;
  }
}
"""

# %% mistake="clamp_scale" active="py" name="stores it step by step"
# How often do you write out[i] to global memory for one element, and where could the value wait instead?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int step = gridDim.x * blockDim.x;
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += step) {
    out[i] = in[i];
    if (out[i] < low) out[i] = low;
    if (out[i] > high) out[i] = high;
    out[i] = scale * out[i];
  }
}
"""

# %% mistake="clamp_scale" active="py" name="reads in again after storing"
# Input and output may be one array. What is in in[i] after you have written out[i]?
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  int step = gridDim.x * blockDim.x;
  int first = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = first; i < n; i += step) {
    out[i] = scale * in[i];
    if (in[i] < low) out[i] = scale * low;
    if (in[i] > high) out[i] = scale * high;
  }
}
"""

# %% accepts="clamp_scale" active="py" name="ternaries, while loop, size_t"
clamp_scale = r"""
__device__ float clamped(float x, float a, float b) {
  return x < a ? a : x > b ? b : x;
}

extern "C" __global__
void clamp_scale(const float* src, float* dst,
                 float a, float b, float k, int count) {
  size_t i = size_t(blockIdx.x) * blockDim.x + threadIdx.x;
  while (i < count) {
    dst[i] = clamped(src[i], a, b) * k;
    i += size_t(gridDim.x) * blockDim.x;
  }
}
"""

# %% accepts="clamp_scale" active="py" name="asks for NaN first"
clamp_scale = r"""
extern "C" __global__
void clamp_scale(const float* in, float* out,
                 float low, float high, float scale, int n) {
  const int all = gridDim.x * blockDim.x;
  for (int i = threadIdx.x + blockIdx.x * blockDim.x; i < n; i += all) {
    const float x = in[i];
    out[i] = isnan(x) ? x : scale * fmaxf(low, fminf(x, high));
  }
}
"""

# %% [markdown]
# ## The same on a GPU
#
# CuPy has the same interface, and for a single formula a shorter one: `ElementwiseKernel` writes the index, the guard and the loop for you.
# The cell below runs where CuPy finds a GPU. Here it says why it does not.

# %%
try:
    import cupy

    has_gpu = cupy.cuda.is_available()
    reason = "" if has_gpu else "CuPy is here, but finds no GPU"
except ImportError:
    has_gpu, reason = False, "CuPy is not installed"
if has_gpu:
    triple = cupy.ElementwiseKernel(
        "float32 x, float32 low, float32 high", "float32 out",
        "out = 3 * (x < low ? low : x > high ? high : x)", "triple")
    print(triple(cupy.asarray(given), -1, 2))
else:
    print(f"skipped: {reason}")

# %% [markdown]
# That cell is untested on hardware: no GPU was at hand when this page was made.
#
# On a GPU, NVIDIA's `compute-sanitizer` looks for the same faults: its tool `memcheck` for accesses past the end, `initcheck` for memory that nobody wrote, `synccheck` for barriers, and `racecheck` for races in shared memory (not in global memory). Nsight Compute counts requests and sectors.

# %% [markdown]
# ## Defend it
#
# <details><summary>1. Why is the guard needed at all, if the array is padded to a multiple of the block?</summary>
#
# It is not, for that array. Padding is a promise of whoever allocates; the guard is a property of the kernel.
# Libraries do pad where a guard in an inner loop would cost, and then the padded size is part of the interface and is tested.
# </details>
#
# <details><summary>2. How many threads a block would you choose, and why not 1,024?</summary>
#
# A multiple of 32, or part of the last warp idles. 128 to 256 is a good start: several blocks fit on a multiprocessor, and one that waits at its end does not hold back a whole one.
# Blocks of 1,024 fill the 2,048 threads of an A100's multiprocessor, two at a time. Where there is room for 1,536 threads (compute capability 8.6), only one fits, and a third stays empty.
# Then measure, because registers decide as well.
# </details>
#
# <details><summary>3. Grid-stride loop or one thread an element?</summary>
#
# For a large elementwise kernel both run at the speed of memory. The loop wins when threads have something to set up (a table in shared memory, random state), or when the grid is tied to the machine.
# One thread an element is shorter and gives the compiler less to keep.
# </details>
#
# <details><summary>4. Three billion elements: which of your integers break, and when do you find out?</summary>
#
# First `int n`: three billion do not fit, it becomes about −1.3 billion, and the guard skips every element without a word. So `n` must be 64 bits wide, and the index as well, before the product: `size_t(blockIdx.x) * blockDim.x`.
# The loop has a trap of its own: near 2³¹, `i += step` overflows an `int` although `n` fits.
# A test needs more than 8 GB to find out, so it is found in review. No lane of this lab would see it, either.
# </details>
#
# <details><summary>5. Your clamp runs at 60 % of the bandwidth in the data sheet. Is that bad?</summary>
#
# First ask what is reachable: a plain copy of the same size is the honest ceiling, and it stays below the data sheet.
# Then look at the size (launch and ramp-up dominate small ones), at alignment and sectors per request, at whether enough loads are in flight per thread (several elements a thread, or `float4`), and whether the clocks were up.
# If the copy reaches 85 % and the clamp 60 %, there is something to find.
# </details>
#
# <details><summary>6. Could you get below 8 bytes an element?</summary>
#
# In place changes nothing: each element is still read and written. Fused with the layer before, the clamp costs no bytes at all, because the value is still in a register: that is the answer they hope for.
# Halving the type to 16 bits halves the traffic; then ask what it does to accuracy.
# </details>
#
# <details><summary>7. You add `__restrict__` to both pointers of the clamp, and a colleague calls it in place. Who is wrong?</summary>
#
# You promised the compiler that the two do not overlap, so it may keep or reorder loads as if stores to one could not change the other. The colleague used what the interface allowed before.
# For this kernel nothing visible happens, since each element is loaded before it is stored. No test would show it; the promise is still broken, and the next version may pay for it.
# </details>

# %% [markdown]
# ## Take away
#
# - Element = blocks before mine times their size, plus my place. Guard the end.
# - Right results do not show that a kernel is right; a report does.
# - Round the grid up, or loop with the stride of the whole grid.
# - Neighboring threads, neighboring addresses: 4 sectors a request for floats.
# - Elementwise kernels are bound by bytes: fuse them, and ask what a NaN should become.
