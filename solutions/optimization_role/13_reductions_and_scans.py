# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Reductions and scans: many threads, one number
#
# **Time:** 140 minutes, of which 75 are exercises. **Needs:** the first kernel notebook; what a warp, a request and a sector are.
#
# > **The question, as you will hear it.**
# > "We need the sum of ten million activations, then a running sum, then a histogram, all on the GPU.
# > Start with the simplest kernel that is right, and make it fast.
# > At each step, tell me what you fixed and how you know."
#
# **What they listen for**
#
# - You say where threads must wait for each other, and why, before you say anything about speed.
# - Each step removes one named cost: idle lanes, bank conflicts, barriers, trips through shared memory.
# - You know which code from 2007 is wrong today.
# - You know why two right sums of floats differ, and you can defend the tolerance of your test.
#
# **Ask first:** integers or floats? Must two runs agree to the last bit? Is one launch a requirement, and who needs the result: the CPU or the next kernel?
# Is the block size ours to choose? How skewed is the data of the histogram?
#
# The answers here: floats; equal runs are welcome; one launch, in the end; blocks come in several sizes; the data may be as skewed as it likes.

# %% tags=["setup"]
import math

import numpy as np

import sixrounds
from sixrounds import cuda
from sixrounds.cuda import Call, expect, numbers, over

# %% [markdown]
# ## The sum of a block, and the barrier that was missing
#
# Each thread puts one element into shared memory. Then pairs are added: neighbors first, then pairs of pairs, and so on.
# After seven steps, place 0 has the sum of 128 elements.
# All kernels of this section have the same frame, and differ in the loop.

# %%
frame = r"""
extern "C" __global__
void tree(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
LOOP
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %%
no_barrier = """\
  for (int step = 1; step < blockDim.x; step *= 2)
    if (t % (2 * step) == 0) part[t] += part[t + step];"""


# %%
def run(loop, lane="check", n=256, threads=128):
    """Launch the frame with this loop on 0, 1, 2, …: sums and report."""
    kernel = cuda.RawKernel(frame.replace("LOOP", loop), "tree")
    values = np.arange(n, dtype=np.float32) % 256
    out = np.zeros(over(n, threads), np.float32)
    report = kernel.module.launch(
        "tree", len(out), threads, (values, out, np.int32(n)),
        4 * threads, lane=cuda.Lane(lane))
    return out, report


# %%
out, report = run(no_barrier)
print("sums of the blocks:", out, "wanted: [ 8128. 24512.]")
report

# %% [markdown]
# `extern __shared__ float part[]` has no size: the launch gives it, in bytes (here 4 for each thread).
#
# The sums are wrong, and the report says why. In step 1, thread 2 writes `part[2]`; in step 2, thread 0 reads it; and nothing says that the write comes first.
# The CPU lane runs a thread until it has to wait, so thread 0 had read everything before thread 1 came.
# On a GPU the lanes of a warp often advance together, and the sum may happen to be right. The race is there in both cases.
# (Nothing on this page was run on a GPU. What the `metrics` lane counts below are the requests of the source, before a compiler merges or splits any.)
#
# The cure is a **barrier** in every step: nobody starts a step before everybody has finished the last one.
# It stands outside the `if`, since *all* threads of the block must come to it.

# %%
interleaved = """\
  for (int step = 1; step < blockDim.x; step *= 2) {
    if (t % (2 * step) == 0) part[t] += part[t + step];
    __syncthreads();
  }"""
out, report = run(interleaved)
print(out, report.findings or "nothing found")

# %% [markdown]
# ## Right, and slow twice over
#
# M. Harris used this kernel as the first rung of a ladder ("Optimizing Parallel Reduction in CUDA", NVIDIA, 2007), and two faults of it are still asked about.
#
# First, the threads that add are 0, 2, 4, …, then 0, 4, 8, …: in every warp a few lanes work and the others wait, and hardly a warp is done.
# Second, `%` by a number that the compiler does not know is slow. No count on this page shows it.
#
# So his second rung lets the *first* threads add the same pairs:

# %%
strided = """\
  for (int step = 1; step < blockDim.x; step *= 2) {
    int j = 2 * step * t;
    if (j < blockDim.x) part[j] += part[j + step];
    __syncthreads();
  }"""


# %%
def passes(report):
    """Requests to shared memory, and the wavefronts they took."""
    rows = report.select(space="shared")
    return sum(r.requests for r in rows), sum(r.wavefronts for r in rows)


for name, loop in (("interleaved", interleaved), ("strided", strided)):
    print(name, "requests {:,} wavefronts {:,}".format(
        *passes(run(loop, "metrics", n=65_536)[1])))

# %% [markdown]
# The strided kernel issues less than half the requests. But the **wavefronts**, the passes in which shared memory answers them, are exactly as many as before.
#
# Shared memory has 32 **banks**, and the word (4 bytes) with number *k* is in bank *k* mod 32. In one wavefront, each bank delivers one word.
# When lanes ask one bank for different words, that is a **bank conflict**, and the request takes as many wavefronts as the busiest bank has words.

# %% mystnb={"figure": {"caption": "A load of the first warp in step 1 of the strided kernel: threads 0 and 16 want words that are 32 apart, so they are in the same bank."}, "image": {"alt": "Columns for 32 banks. Every second one holds two words: that of thread 0 below that of thread 16, thread 1 below thread 17, and so on. The columns between are empty."}}
from sixrounds import plots
from sixrounds.cuda import picture

plots.use_style()
_, report = run(strided, "metrics")
load = next(row for row in report.rows
            if row.access == "load" and row.space == "shared")
drawn = picture.banks(report, "part", load=True, line=load.line)
drawn.set(yticks=range(3));

# %% [markdown]
# Step 1 uses every second bank, step 2 every fourth, step 16 a single one. Who asks does not matter: the pairs are the same as before, and so are their banks.
# The interleaved kernel spread the same words over more requests, each of them nearly empty.
#
# So change the pairs. Let thread *t* add the element `step` places *further*, with the largest step first: 64, 32, …, 1.
# Then the threads that work are the first ones, and their addresses are neighbors. Harris calls it **sequential addressing**.

# %%
import matplotlib.pyplot as plt

# Of step s: the thread, the place into which it adds, the place it adds.
plans = {"interleaved": lambda s: [(j, j, j + s) for j in range(0, 16, 2*s)],
         "strided": lambda s: [(k, 2*s*k, 2*s*k + s) for k in range(8 // s)],
         "sequential": lambda s: [(k, k, k + 8 // s) for k in range(8 // s)]}

# %% mystnb={"figure": {"caption": "Who adds what in the first two steps of a block of 16 threads. A cell is a place of shared memory; its number is the thread that adds into it, hatched cells are added to another."}, "image": {"alt": "Six rows of 16 cells, two steps for each of three plans. Interleaved: threads 0, 2, 4 to 14 at their own places, then 0, 4, 8, 12. Strided: threads 0 to 7 at places 0, 2, 4 to 14, then threads 0 to 3 at places 0, 4, 8, 12. Sequential: threads 0 to 7 at places 0 to 7, then threads 0 to 3 at places 0 to 3."}}
fig, axes = plt.subplots(3, 1, figsize=(7, 4), sharex=True)
for ax, (name, plan) in zip(axes, plans.items()):
    for row, step in ((1, 1), (0, 2)):
        ax.bar(range(16), 0.9, 0.94, bottom=row, color="gray", alpha=0.25)
        for thread, into, other in plan(step):
            ax.bar(into, 0.9, 0.94, bottom=row, color=f"C{thread % 4}")
            ax.bar(other, 0.9, 0.94, bottom=row, fill=False, hatch="///")
            ax.text(into, row + 0.4, thread, ha="center", color="w")
    ax.set(title=f"{name}, two steps", yticks=[0.45, 1.45],
           yticklabels=["second", "first"])
axes[-1].set(xlabel="place in shared memory (words)", xticks=range(16));

# %% [markdown]
# ## Exercise 1: the sum of each block (10 min)
#
# Write the text of a kernel `block_sum`: `out[b]` becomes the sum of the elements of block `b`, which are `in[b * blockDim.x]` and the following, one for each thread.
#
# `extern "C" __global__ void block_sum(const float* in, float* out, int n)`
#
# - `in` has `n` ≥ 1 floats and is not changed. `out` has one float for each block, with anything in it before.
# - The grid is one-dimensional and covers `n` elements, sometimes with whole blocks to spare; the sum of a block without elements is 0.
# - Threads per block: a power of two, from 64 to 512. Dynamic shared memory: one float for each thread. Use it, or your own.
# - A barrier is for all threads of the block: no thread may return while others still meet at a barrier (the checks refuse it).
# - Tested, besides the values and that the checks report nothing:
#   - of the loads of `in`: at most 4.5 sectors per request, and at most ⌈*n* / 32⌉ requests;
#   - of shared memory, which must be used: at most 64 requests by a block of 256 threads, and 1.0 wavefronts per request over all of them: so no bank conflict, and no access of more than 4 bytes, which needs more passes even without one;
#   - no atomics, which may have to queue at one address.
#
# A **request** is one load, store or atomic by the lanes of one warp, however many of them take part.
# `part[t] += part[t + step]` is three: two loads and one store.

# %% tags=["setup"]
def whole(rng, size):
    """Whole numbers from 1 to 100, as floats: any order gives one sum."""
    return rng.integers(1, 101, size).astype(np.float32)


def shares(values, threads, blocks):
    """What each block of a grid-stride loop takes, in 64-bit floats."""
    turns = over(len(values), threads * blocks)
    padded = np.zeros(turns * blocks * threads)
    padded[: len(values)] = values
    by_turn = padded.reshape(turns, blocks, threads)
    return by_turn.transpose(1, 0, 2).reshape(blocks, -1)


def tree_call(threads, make=whole, spare=0):
    """How block_sum is launched with so many threads a block."""
    def call(size, rng):
        blocks = over(size, threads) + spare
        args = {"in": make(rng, size), "out": np.full(blocks, 7, np.float32)}
        return Call(blocks, threads, args | {"n": np.int32(size)}, 4 * threads)
    return call


def sums_wanted(threads, of=np.asarray):
    """The sum of each block; `of=abs` makes it what errors are relative to."""
    def wanted(out, **arrays):
        return {"out": shares(of(arrays["in"]), threads, len(out)).sum(1)}
    return wanted


# %% exercise="block_sum"
### BEGIN SOLUTION
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
"""
### END SOLUTION

# %% tests="block_sum" points=4
kernel = cuda.RawKernel(block_sum, "block_sum")
given, out = np.ones(70, np.float32), np.zeros(2, np.float32)
kernel((2,), (64,), (given, out, np.int32(70)), 256)
assert out.tolist() == [64, 6], "64 ones, then 6"
for threads in (128, 512):
    trees = expect(kernel, tree_call(threads, spare=1))
    trees.correct(sums_wanted(threads)).no_reports()
traffic = expect(kernel, tree_call(256), measured=1000)
assert traffic.requests("in", load=True) <= over(1000, 32)
assert traffic.sectors_per_request("in", load=True) <= 4.5
assert traffic.wavefronts() <= 1.0
assert traffic.shared_requests() <= 64 * over(1000, 256)
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("block_sum")
for threads, sizes in ((64, (1, 63, 200, 1000)), (128, (31, 129, 900)), (256, (33, 400, 1024)), (512, (511, 1300))):
    with_whole = expect(kernel, tree_call(threads), rng=draw)
    with_whole.correct(sums_wanted(threads), sizes=sizes).no_reports()
for spare in (1, 3):
    expect(kernel, tree_call(128, whole, spare), rng=draw).correct(sums_wanted(128), sizes=(1, 128, 300)).no_reports()
for threads, spare in ((64, 1), (256, 2)):
    with_floats = expect(kernel, tree_call(threads, numbers, spare), rng=draw)
    with_floats.correct(
        sums_wanted(threads), sizes=(100, 777), length=threads, magnitude=sums_wanted(threads, abs)
    ).no_reports()
for size in (512, 1024, 1100, 2048, 2500):
    traffic = expect(kernel, tree_call(256), rng=draw, measured=size)
    traffic.requests("in", load=True) <= over(size, 32)
    traffic.sectors_per_request("in", load=True) <= 4.5
    traffic.wavefronts() <= 1.0
    traffic.shared_requests() <= 64 * over(size, 256)
    assert not [row for row in traffic.report.rows if row.access == "atomic"], "no atomics"
### END HIDDEN TESTS

# %% mistake="block_sum" active="py" name="no barrier in the loop"
# Thread 0 starts step 2. Has the thread whose sum it now reads finished step 1?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2)
    if (t < step) part[t] += part[t + step];
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %% mistake="block_sum" active="py" name="barrier under the if"
# A barrier waits for all threads of the block. How many of them come to yours?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) {
      part[t] += part[t + step];
      __syncthreads();
    }
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %% mistake="block_sum" active="py" name="no zero for the rest"
# In the last block some threads have no element. What is in their place of shared memory when the tree adds it?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  if (i < n) part[t] = in[i];
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %% mistake="block_sum" active="py" name="bank conflicts"
# In your second step, which words do threads 0, 8, 16 and 24 of a warp read, and in which of the 32 banks are these?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    int j = 2 * step * t;
    if (j < blockDim.x) part[j] += part[j + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %% mistake="block_sum" active="py" name="no barrier after loading"
# Thread 0 adds the element that thread 64 loads. How does it know that thread 64 has loaded it?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %% mistake="block_sum" active="py" name="no guard"
# The last block has more threads than elements. What do the threads past the end read from in?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = in[i];
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
"""

# %% mistake="block_sum" active="py" name="one thread adds it all"
# Your requests have one thread each. How many are there, and what do the other 31 lanes do?
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  if (threadIdx.x > 0) return;
  float sum = 0.f;
  int first = blockIdx.x * blockDim.x;
  for (int i = first; i < n && i < first + blockDim.x; i++) sum += in[i];
  out[blockIdx.x] = sum;
}
"""

# %% accepts="block_sum" active="py" name="own sum in a register, half a block stored"
block_sum = r"""
extern "C" __global__
void block_sum(const float* src, float* dst, int count) {
  __shared__ float other[256];
  const unsigned t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float mine = i < count ? src[i] : 0.f;
  for (unsigned half = blockDim.x >> 1; half; half >>= 1) {
    if (t >= half && t < 2 * half) other[t - half] = mine;
    __syncthreads();
    if (t < half) mine += other[t];
    __syncthreads();
  }
  if (t == 0) dst[blockIdx.x] = mine;
}
"""

# %% accepts="block_sum" active="py" name="one warp adds columns, then shuffles"
block_sum = r"""
extern "C" __global__
void block_sum(const float* in, float* out, int n) {
  extern __shared__ float all[];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  all[threadIdx.x] = i < n ? in[i] : 0.f;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  float sum = 0.f;
  for (int j = threadIdx.x; j < blockDim.x; j += 32) sum += all[j];
  for (int mask = 1; mask < 32; mask *= 2)
    sum += __shfl_xor_sync(0xffffffffu, sum, mask);
  if (threadIdx.x == 0) out[blockIdx.x] = sum;
}
"""

# %% [markdown]
# ## Two right sums that differ
#
# Addition of floats is rounded, so its order matters. A loop on the CPU and a tree on the GPU are both right, and their last digits differ.
# How far may they differ? One addition has a relative error of at most u = 2⁻²⁴ in 32-bit floats.
# A sum of *n* terms is *n* − 1 additions, in any order, and each error is carried on by those that follow. To first order in u,
#
# |computed − exact| ≤ (*n* − 1) · u · Σ|x|,
#
# and for a tree ⌈log₂ *n*⌉ takes the place of *n* − 1, since no element takes part in more additions than that (N. Higham, "The Accuracy of Floating Point Summation", SIAM J. Sci. Comput., 1993).
# The right side has Σ|x|, not |Σx|: where values cancel, the error can be larger than the result.

# %%
def by_tree(values):
    """The sum as a tree makes it; the number of values is a power of 2."""
    while len(values) > 1:
        values = values[: len(values) // 2] + values[len(values) // 2 :]
    return values[0]


draw = np.random.default_rng(5)
lengths = 2 ** np.arange(4, 21, 2)
errors = {"one by one": [], "tree": []}
for n in lengths:
    x = draw.random(n).astype(np.float32)
    exact = math.fsum(x)  # and all x > 0, so this is the sum of |x|, too
    errors["one by one"].append(abs(float(x.cumsum()[-1]) - exact) / exact)
    errors["tree"].append(abs(float(by_tree(x)) - exact) / exact)

# %% mystnb={"figure": {"caption": "Relative error of a sum of n uniform 32-bit floats by two orders, with the bound of each."}, "image": {"alt": "Log-log plot of relative error against the number of terms. The bound of any order rises as n, that of a tree stays almost flat. The measured errors lie below their bounds; those of the loop grow with n, those of the tree hardly do."}}
u = 2.0**-24
fig, ax = plt.subplots(figsize=(6, 3.4))
for (name, values), style in zip(errors.items(), ("C0o", "C1s")):
    ax.loglog(lengths, values, style, label=name)
ax.loglog(lengths, (lengths - 1) * u, "C0--", label="bound, any order")
ax.loglog(lengths, np.log2(lengths) * u, "C1:", label="bound, tree")
ax.set(xlabel="number of terms n", ylabel="error relative to the sum",
       title="The order of a sum decides its rounding error")
ax.legend();

# %% [markdown]
# The loop stays far below its bound, since roundings go up and down; the bound is what a test may rely on.
#
# The tests here allow (*n* + 8) · 2u · Σ|x|: any order passes, with room for the roundings of the products and functions around.
# But a tolerance must also be *small* enough to notice what is wrong. Would this one notice an element that is missing?

# %%
n = 2_000
x = numbers(np.random.default_rng(0), n)  # one in a hundred is large
allowed = (n + 8) * 2 * u * np.abs(x).sum()
print(f"floats: allowed error {allowed:.3f}, a typical element "
      f"{np.median(np.abs(x)):.3f}")
w = np.random.default_rng(0).integers(1, 101, n).astype(np.float32)
print(f"whole numbers: {w.cumsum()[-1]:.0f} one by one, "
      f"{np.sort(w)[::-1].cumsum()[-1]:.0f} the largest first")
print(f"largest sum that is exact: {2**24:,}")

# %% [markdown]
# With floats of very different size, the honest tolerance of a long sum swallows a whole element.
# **Whole numbers** do not have this trouble: as long as every partial sum stays within 2²⁴, each addition is exact, and all orders agree to the last bit.
# So test twice: whole numbers, where one missing element shows, and floats with a derived tolerance, where a lossy detour (a `half`, a cancellation) would show.

# %% [markdown]
# ## The next rungs, and one that has rotted
#
# After sequential addressing, half of the threads only load and then idle. So rung 4 lets each thread **add two elements while loading**, and needs half the blocks.
#
# Rung 5 looks at the last steps. For step 32 and below, one warp is at work, and yet the whole block comes to every barrier.
# In 2007 the lanes of a warp ran in lockstep. So the slides drop barriers for the last warp, and declare the memory `volatile`, lest the compiler keep sums in registers.
# That code is still copied today. Here it is, in our frame:

# %%
warp_tail = """\
  for (int step = blockDim.x / 2; step > 32; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  volatile float* v = part;
  if (t < 32)
    for (int step = 32; step > 0; step /= 2) v[t] += v[t + step];"""
out, report = run(warp_tail)
print(out, "wanted: [ 8128. 24512.]")
report

# %% [markdown]
# Since Volta (2017) each thread has a program counter of its own, and a warp may run its lanes apart whenever it likes: NVIDIA calls it **independent thread scheduling**, and its tuning guide tells owners of such code to put in explicit synchronization ({claim}`volta-warp-synchronous`).
# Our lane runs the lanes apart to the extreme, so the sums are wrong. On a GPU they may happen to be right, until they are not.
#
# The obvious cure is a `__syncwarp()` after each addition. Is that enough?

# %%
one_sync = warp_tail.replace("v[t] += v[t + step];", """{
      v[t] += v[t + step];
      __syncwarp();
    }""")
out, report = run(one_sync)
print(out, "wanted: [ 8128. 24512.]")
report

# %% [markdown]
# The values are right this time, and the report still finds a race. In the step 16, lane 0 reads place 16, and lane 16 *writes* place 16 (its sum is of no use, but it is written), with no order between them.
# Reading and writing must be apart: read, `__syncwarp()`, write, `__syncwarp()`. The reference kernel `reduce_last_warp` in `kernels/reduction/` does so.
#
# **Shuffles** make this simpler. `__shfl_down_sync(mask, v, step)` gives each lane the `v` of the lane `step` places higher, straight from register to register.
# No shared memory and no address is involved, and the instruction itself waits for the lanes in `mask`.

# %%
shuffle_code = r"""
extern "C" __global__ void show(float* seen) {
  float v = threadIdx.x;
  for (int step = 16, row = 0; step > 0; step /= 2, row++) {
    v += __shfl_down_sync(0xffffffffu, v, step);
    seen[32 * row + threadIdx.x] = v;
  }
}
"""
seen = np.zeros((5, 32), np.float32)
cuda.RawKernel(shuffle_code, "show")((1,), (32,), (seen,))
for step, row in zip((16, 8, 4, 2, 1), seen):
    print(f"step {step:2}: lanes 0 to 3 {row[:4]}, lane 31 {row[31]}")
print("the sum of 0 to 31 is", sum(range(32)))

# %% [markdown]
# Lane 0 ends with the sum. The others end with something else: a lane whose source lies past lane 31 gets its own value back. So only lane 0 may store.
#
# Two rules decide whether shuffles are right:
# every lane named in the mask must come to the same shuffle, and a lane must not read from one that does not take part.
# A shuffle inside an `if` is therefore a question: who is not here?
# (`__activemask()` is no answer. It names the lanes that happen to run together at that moment, not those that you meant; our lane cannot show the difference, a GPU can.)

# %% [markdown]
# ## Exercise 2: reduce with shuffles, many elements a thread (15 min)
#
# Write the text of a kernel `reduce_shuffle`. In a grid-stride loop, each thread sums its elements; then each block adds up its threads with shuffles and stores the sum in `out[blockIdx.x]`.
#
# `extern "C" __global__ void reduce_shuffle(const float* in, float* out, int n)`
#
# - `in` has `n` ≥ 1 floats and is not changed. `out` has one float for each block, with anything in it before.
# - Thread *t* of block *b* takes element `b * blockDim.x + t`, and then every element that is a whole number of grids (`gridDim.x * blockDim.x`) further.
# - The grid is one-dimensional and of any size: fewer threads than elements, or more. A block without elements has the sum 0.
# - Threads per block: a multiple of 32 from 32 to 1024, **not always a power of two**. There is no dynamic shared memory: declare what you need.
# - Again, no thread may return while others still meet at a barrier, nor while a mask names it in a shuffle.
# - Tested, besides the values and that the checks report nothing:
#   - of the loads of `in`: at most 4.5 sectors per request, and at most ⌈*n* / 32⌉ + 8 requests (an unrolled loop may split a warp's last one);
#   - of shared memory: at most 18 requests by a block of 256 threads, atomics included (a tree in shared memory needs more than twice that).

# %% tags=["setup"]
def stride_call(blocks, threads, make=whole):
    """How reduce_shuffle is launched with this grid, whatever the size."""
    def call(size, rng):
        args = {"in": make(rng, size), "out": np.full(blocks, 7, np.float32)}
        return Call(blocks, threads, args | {"n": np.int32(size)})
    return call


# %% exercise="reduce_shuffle"
### BEGIN SOLUTION
reduce_shuffle = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  float sum = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    sum += in[i];
  sum = warp_sum(sum);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  if (warp == 0) {  // all of the first warp
    sum = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
    if (lane == 0) out[blockIdx.x] = sum;
  }
}
"""
### END SOLUTION

# %% tests="reduce_shuffle" points=5
kernel = cuda.RawKernel(reduce_shuffle, "reduce_shuffle")
given, out = np.ones(100, np.float32), np.zeros(2, np.float32)
kernel((2,), (32,), (given, out, np.int32(100)))
assert out.tolist() == [64, 36], "elements 0-31, 64-95; 32-63, 96-99"
for threads in (96, 256, 1024):
    stride = expect(kernel, stride_call(3, threads))
    stride.correct(sums_wanted(threads)).no_reports()
traffic = expect(kernel, stride_call(4, 256), measured=3000)
assert traffic.requests("in", load=True) <= over(3000, 32) + 8
assert traffic.sectors_per_request("in", load=True) <= 4.5
assert traffic.shared_requests() <= 4 * 18
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("reduce_shuffle")
launches = (
    (1, 32, (1, 31, 700)),
    (5, 32, (33, 1000)),
    (2, 96, (50, 150, 1500)),
    (40, 96, (127, 1900)),
    (3, 256, (400, 2000)),
    (9, 256, (256, 2100)),
    (1, 1024, (999, 2500)),
    (4, 1024, (1000, 3000)),
)
for blocks, threads, sizes in launches:
    with_whole = expect(kernel, stride_call(blocks, threads), rng=draw)
    with_whole.correct(sums_wanted(threads), sizes=sizes).no_reports()
for blocks, threads in ((3, 64), (2, 320)):
    with_floats = expect(kernel, stride_call(blocks, threads, numbers), rng=draw)
    with_floats.correct(
        sums_wanted(threads), sizes=(500, 1777), length=lambda size: size, magnitude=sums_wanted(threads, abs)
    ).no_reports()
for size in (1024, 2000, 3000, 4000, 5000):
    traffic = expect(kernel, stride_call(4, 256), rng=draw, measured=size)
    traffic.requests("in", load=True) <= over(size, 32) + 8
    traffic.sectors_per_request("in", load=True) <= 4.5
    traffic.shared_requests() <= 4 * 18
### END HIDDEN TESTS

# %% mistake="reduce_shuffle" active="py" name="a full mask in part of a warp"
# Your mask names 32 lanes. How many of them come to the second round of shuffles when the block has 96 threads?
reduce_shuffle = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  float sum = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    sum += in[i];
  sum = warp_sum(sum);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  if (t < blockDim.x / 32) {
    sum = warp_sum(of_warp[t]);
    if (t == 0) out[blockIdx.x] = sum;
  }
}
"""

# %% mistake="reduce_shuffle" active="py" name="no barrier between the warps"
# The first warp reads what seven others store. What makes it wait for them?
reduce_shuffle = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  float sum = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    sum += in[i];
  sum = warp_sum(sum);
  if (lane == 0) of_warp[warp] = sum;
  if (warp == 0) {
    sum = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
    if (lane == 0) out[blockIdx.x] = sum;
  }
}
"""

# %% mistake="reduce_shuffle" active="py" name="sums of warps that do not exist"
# A block of 96 threads has three warps. What do lanes 3 to 31 of the first warp read in your second round?
reduce_shuffle = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  float sum = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    sum += in[i];
  sum = warp_sum(sum);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    sum = warp_sum(of_warp[lane]);
    if (lane == 0) out[blockIdx.x] = sum;
  }
}
"""

# %% mistake="reduce_shuffle" active="py" name="one element a thread"
# Three blocks of 256 threads, 2,000 elements: who takes element 1,000?
reduce_shuffle = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  int i = blockIdx.x * blockDim.x + t;
  float sum = warp_sum(i < n ? in[i] : 0.f);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    sum = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
    if (lane == 0) out[blockIdx.x] = sum;
  }
}
"""

# %% mistake="reduce_shuffle" active="py" name="the first warp only"
# A shuffle reaches 32 lanes. Where do the sums of the other warps of the block go?
reduce_shuffle = r"""
extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  int t = threadIdx.x;
  float sum = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    sum += in[i];
  for (int step = 16; step > 0; step /= 2)
    sum += __shfl_down_sync(0xffffffffu, sum, step);
  if (t == 0) out[blockIdx.x] = sum;
}
"""

# %% mistake="reduce_shuffle" active="py" name="one thread of a block adds it all"
# Your requests have one thread each. How many are there, and what do the other 31 lanes do?
reduce_shuffle = r"""
extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  if (threadIdx.x > 0) return;
  float sum = 0.f;
  for (int first = blockIdx.x * blockDim.x; first < n;
       first += gridDim.x * blockDim.x)
    for (int i = first; i < n && i < first + blockDim.x; i++) sum += in[i];
  out[blockIdx.x] = sum;
}
"""

# %% mistake="reduce_shuffle" active="py" name="a run of neighbors for each thread"
# Which elements does the text give to thread t of block b? And with yours, how far apart are the addresses that a warp reads together?
reduce_shuffle = r"""
extern "C" __global__ void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float warp[32];
  int t = threadIdx.x;
  int per = (n + gridDim.x * blockDim.x - 1) / (gridDim.x * blockDim.x);
  int from = (blockIdx.x * blockDim.x + t) * per;
  float v = 0.f;
  for (int i = from; i < from + per && i < n; i++) v += in[i];
  for (int s = 16; s > 0; s /= 2) v += __shfl_down_sync(0xffffffffu, v, s);
  if (t % 32 == 0) warp[t / 32] = v;
  __syncthreads();
  if (t < 32) {
    v = t < blockDim.x / 32 ? warp[t] : 0.f;
    for (int s = 16; s > 0; s /= 2) v += __shfl_down_sync(0xffffffffu, v, s);
    if (t == 0) out[blockIdx.x] = v;
  }
}
"""

# %% accepts="reduce_shuffle" active="py" name="unrolled, four sums a thread"
reduce_shuffle = r"""
extern "C" __global__ void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float warp[32];
  int t = threadIdx.x, step = gridDim.x * blockDim.x;
  int i = blockIdx.x * blockDim.x + t;
  float a = 0.f, b = 0.f, c = 0.f, d = 0.f;
  for (; i + 3 * step < n; i += 4 * step) {
    a += in[i];
    b += in[i + step];
    c += in[i + 2 * step];
    d += in[i + 3 * step];
  }
  for (; i < n; i += step) a += in[i];
  float v = (a + b) + (c + d);
  for (int s = 16; s > 0; s /= 2) v += __shfl_down_sync(0xffffffffu, v, s);
  if (t % 32 == 0) warp[t / 32] = v;
  __syncthreads();
  if (t < 32) {
    v = t < blockDim.x / 32 ? warp[t] : 0.f;
    for (int s = 16; s > 0; s /= 2) v += __shfl_down_sync(0xffffffffu, v, s);
    if (t == 0) out[blockIdx.x] = v;
  }
}
"""

# %% accepts="reduce_shuffle" active="py" name="butterfly, and every warp adds the rest"
reduce_shuffle = r"""
template <typename T>
__device__ T all_lanes(T v) {
#pragma unroll
  for (int bit = 1; bit < 32; bit <<= 1) v += __shfl_xor_sync(~0u, v, bit);
  return v;
}

extern "C" __global__
void reduce_shuffle(const float* __restrict__ x, float* y, int size) {
  __shared__ float warps[32];
  const size_t step = size_t(gridDim.x) * blockDim.x;
  float v = 0;
  for (size_t i = size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < size;
       i += step)
    v += x[i];
  v = all_lanes(v);
  if ((threadIdx.x & 31) == 0) warps[threadIdx.x >> 5] = v;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int w = 1; w < blockDim.x >> 5; w++) v += warps[w];
    y[blockIdx.x] = v;
  }
}
"""

# %% accepts="reduce_shuffle" active="py" name="a mask of the lanes that are there"
reduce_shuffle = r"""
extern "C" __global__
void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, warps = blockDim.x / 32;
  int i = blockIdx.x * blockDim.x + t;
  double sum = 0.0;
  while (i < n) {
    sum += in[i];
    i += gridDim.x * blockDim.x;
  }
  for (int d = 1; d < 32; d *= 2) sum += __shfl_down_sync(~0u, sum, d);
  if (t % 32 == 0) of_warp[t / 32] = float(sum);
  __syncthreads();
  if (t < 32) {
    unsigned there = __ballot_sync(~0u, t < warps);
    if (t < warps) {
      float v = of_warp[t], total = 0.f;
      for (int w = 0; w < warps; w++) total += __shfl_sync(there, v, w);
      if (t == 0) out[blockIdx.x] = total;
    }
  }
}
"""

# %% [markdown]
# ## The ladder, counted
#
# Now all rungs side by side. The kernels are in `kernels/reduction/reduction.cu`, with the slides' choice of 128 threads a block.
# Beside our counts for 65,536 floats stands the time that the slides give for 4,194,304 integers on a card of 2006 with 86.4 GB/s ({claim}`harris-reduction-2007`).
# The two are not the same thing: ours are exact counts of the requests of the source, theirs are measured times.

# %%
from sixrounds.cuda.operators import operator

slides = {"interleaved": 8.054, "strided": 3.456, "sequential": 1.722,
          "first_add": 0.965, "last_warp": 0.536, "shuffle": None}
ladder, counted = operator("reduction"), {}
draw = np.random.default_rng(0)
module = ladder.module()
for rung in slides:
    name = f"reduce_{rung}"
    p = ladder.problem(name, 65_536, draw)
    counted[rung] = module.launch(
        name, p.grid, p.block, tuple(p.args.values()), p.shared_mem,
        lane=cuda.Lane.METRICS)
    assert p.worst() <= 1, "the sums are right"

# %%
print("             requests lanes wavefronts barriers  slides' ms")
for rung, report in counted.items():
    requests, wavefronts = passes(report)
    rows = report.select(space="shared")
    lanes = sum(row.lanes for row in rows) / requests
    ms = f"{slides[rung]:10.3f}" if slides[rung] else "         –"
    print(f"{rung:12} {requests:8,} {lanes:5.1f} {wavefronts:10,} "
          f"{report.barriers:8,}  {ms}")

# %% [markdown]
# *Requests* and *wavefronts* are those of shared memory, *lanes* are the threads that an average request serves, *barriers* are counted once a block.
#
# | the slides say | we count |
# |---|---|
# | interleaved: highly divergent warps are inefficient, and `%` is slow | few lanes a request; every later rung needs less than half the requests |
# | strided: the new problem is bank conflicts | fewer requests, but the same wavefronts as before |
# | sequential: free of conflicts | as many wavefronts as requests |
# | first add during load: half of the threads were idle in the first step | half the requests, half the barriers |
# | last warp: no barrier is needed within a warp | a quarter of the barriers, and with `__syncwarp` it is right |
# | (no shuffles in 2007) | under a quarter of the requests of the rung before, one barrier a block |
#
# Two cautions. The cost of `%` and of loops is in none of these columns.
# And the card of 2006 had 16 banks and served half a warp at a time, so its conflicts were of other degrees than ours with 32.

# %%
for name, ms in (("interleaved", 8.054), ("last warp", 0.536),
                 ("many elements a thread", 0.268)):
    gb_per_s = 4 * 2**22 / (ms / 1000) / 1e9
    print(f"{name:22} {gb_per_s:6.1f} GB/s, {gb_per_s / 86.4:4.0%} of 86.4")

# %% [markdown]
# The slides have two more rungs: loops unrolled by templates (0.381 ms), and **many elements for each thread** (0.268 ms), which is the grid-stride loop of Exercise 2.
# The last line of the output is the goal: a sum reads each element once, so it should be bound by memory.
# With many elements a thread, the tree is so small a part that its finer points hardly matter. Start there in an interview, and then explain the tree.

# %% [markdown]
# ## Scans: every partial sum
#
# A **scan** keeps all sums on the way: `out[i]` is the sum of elements 0 to *i* (**inclusive**), or 0 to *i* − 1 (**exclusive**).
# Compaction of sparse data, sorting by digits and sampling from a distribution are scans at heart.
#
# W. Hillis and G. Steele ("Data Parallel Algorithms", CACM, 1986) let each element add the one `step` places before it, for steps 1, 2, 4, …
# In place, that needs care:

# %%
scan_in_place = """\
  for (int step = 1; step < blockDim.x; step *= 2) {
    if (t >= step) part[t] += part[t - step];
    __syncthreads();
  }
  if (t == blockDim.x - 1) out[blockIdx.x] = part[t];
  return;"""
out, report = run(scan_in_place)
print(out, "wanted: [ 8128. 24512.]")
report

# %% [markdown]
# There is a barrier in every step, and still a race *within* the step: a thread reads a place of shared memory while another one writes it, and gets the old or the new value.
# The tree of Exercise 1 had no such trouble, because nobody wrote what another one read in the same step.
#
# Two ways out: two buffers that change roles, or a second barrier between reading and writing.
# Both do about *n* log *n* additions. G. Blelloch's scan does about 2*n*, up and down a tree ("Prefix Sums and Their Applications", 1990), and its strides bring the bank conflicts back.
# In a warp, `__shfl_up_sync` does a step of Hillis and Steele in registers. Again, a lane without a source gets its own value back, and must not add it.

# %% [markdown]
# ## Exercise 3: scan each block (15 min)
#
# Write the text of a kernel `block_scan`: the inclusive scan of each block's elements, and each block's total.
#
# `extern "C" __global__ void block_scan(const float* in, float* out, float* sums, int n)`
#
# - The elements of block *b* are `in[b * blockDim.x]` and the following, one for each thread. `out[i]` is the sum of the elements of its block up to and including `in[i]`; it does not go on from the block before.
# - `sums[b]` is the total of block *b*, also where the last block is not full.
# - `in` and `out` have `n` ≥ 1 floats and are different arrays; `in` is not changed. `sums` has one float for each block. The grid has just enough blocks for `n` elements.
# - Threads per block: a power of two from 32 to 512. Dynamic shared memory: two floats for each thread. Use it, or your own.
# - As before, no thread may return while others still meet at a barrier.
# - Tested, besides the values and that the checks report nothing:
#   - at most ⌈*n* / 32⌉ requests to `in`, and at most as many to `out`;
#   - of shared memory, which must be used: at most 250 requests by a block of 256 threads, and at most 1.1 wavefronts per request over all of them: so next to no bank conflicts, and accesses of 4 bytes.

# %% tags=["setup"]
def scan_call(threads, make=whole):
    """How block_scan is launched with so many threads a block."""
    def call(size, rng):
        blocks = over(size, threads)
        args = {"in": make(rng, size), "out": np.full(size, 7, np.float32)}
        args |= {"sums": np.full(blocks, 7, np.float32), "n": np.int32(size)}
        return Call(blocks, threads, args, 8 * threads)
    return call


def scan_wanted(threads):
    """The scan of each block and its total, in 64-bit floats."""
    def wanted(out, sums, **arrays):
        parts = shares(arrays["in"], threads, len(sums))
        scanned = parts.cumsum(1)
        return {"out": scanned.ravel()[: len(out)], "sums": scanned[:, -1]}
    return wanted


def scan_scale(threads):
    """What errors are relative to: all of a block, as a tree may take away."""
    def scale(out, sums, **arrays):
        whole_block = shares(abs(arrays["in"]), threads, len(sums)).sum(1)
        each = np.repeat(whole_block, threads)[: len(out)]
        return {"out": each, "sums": whole_block}
    return scale


# %% exercise="block_scan"
### BEGIN SOLUTION
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float buffer[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float *now = buffer, *next = buffer + blockDim.x;
  now[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    next[t] = t >= step ? now[t] + now[t - step] : now[t];
    __syncthreads();
    float* other = now;
    now = next;
    next = other;
  }
  if (i < n) out[i] = now[t];
  if (t == blockDim.x - 1) sums[blockIdx.x] = now[t];
}
"""
### END SOLUTION

# %% tests="block_scan" points=5
kernel = cuda.RawKernel(block_scan, "block_scan")
given, out = np.arange(1, 36, dtype=np.float32), np.zeros(35, np.float32)
sums = np.zeros(2, np.float32)
kernel((2,), (32,), (given, out, sums, np.int32(35)), 256)
assert out[:4].tolist() == [1, 3, 6, 10], "1, 1 + 2, 1 + 2 + 3, …"
assert out[32:].tolist() == [33, 67, 102], "the second block starts anew"
assert sums.tolist() == [528, 102], "the totals of both blocks"
for threads in (128, 512):
    scans = expect(kernel, scan_call(threads))
    scans.correct(scan_wanted(threads)).no_reports()
traffic = expect(kernel, scan_call(256), measured=1000)
assert traffic.requests("in") <= over(1000, 32)
assert traffic.requests("out") <= over(1000, 32)
assert traffic.shared_requests() <= 250 * over(1000, 256)
assert traffic.wavefronts() <= 1.1
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("block_scan")
for threads, sizes in ((32, (1, 40, 200)), (64, (31, 64, 500)), (128, (33, 127, 900)), (256, (255, 700)), (512, (1000,))):
    with_whole = expect(kernel, scan_call(threads), rng=draw)
    with_whole.correct(scan_wanted(threads), sizes=sizes).no_reports()
for threads in (64, 256):
    with_floats = expect(kernel, scan_call(threads, numbers), rng=draw)
    with_floats.correct(
        scan_wanted(threads), sizes=(100, 999), length=threads, magnitude=scan_scale(threads)
    ).no_reports()
for size in (256, 512, 1000, 1024, 2000):
    traffic = expect(kernel, scan_call(256), rng=draw, measured=size)
    traffic.requests("in") <= over(size, 32)
    traffic.requests("out") <= over(size, 32)
    traffic.wavefronts() <= 1.1
    traffic.shared_requests() <= 250 * over(size, 256)
### END HIDDEN TESTS

# %% mistake="block_scan" active="py" name="one buffer"
# In one step, thread 5 reads place 4, and thread 4 writes it. Which of the two values does thread 5 get?
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    if (t >= step) part[t] += part[t - step];
    __syncthreads();
  }
  if (i < n) out[i] = part[t];
  if (t == blockDim.x - 1) sums[blockIdx.x] = part[t];
}
"""

# %% mistake="block_scan" active="py" name="exclusive"
# Does your sum for element 0 contain element 0?
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float buffer[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float *now = buffer, *next = buffer + blockDim.x;
  now[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    next[t] = t >= step ? now[t] + now[t - step] : now[t];
    __syncthreads();
    float* other = now;
    now = next;
    next = other;
  }
  if (i < n) out[i] = t > 0 ? now[t - 1] : 0.f;
  if (t == blockDim.x - 1) sums[blockIdx.x] = now[t];
}
"""

# %% mistake="block_scan" active="py" name="no total of a part block"
# The last block has 40 elements and 64 threads. Which thread stores its total, and does that thread have an element?
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float buffer[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float *now = buffer, *next = buffer + blockDim.x;
  now[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    next[t] = t >= step ? now[t] + now[t - step] : now[t];
    __syncthreads();
    float* other = now;
    now = next;
    next = other;
  }
  if (i < n) {
    out[i] = now[t];
    if (t == blockDim.x - 1) sums[blockIdx.x] = now[t];
  }
}
"""

# %% mistake="block_scan" active="py" name="bank conflicts of the tree"
# In step 16 of your tree, neighboring threads touch places 32 apart. In how many banks are these?
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float tree[];
  int t = threadIdx.x, size = blockDim.x, i = blockIdx.x * size + t;
  float own = i < n ? in[i] : 0.f;
  tree[t] = own;
  for (int step = 1; step < size; step *= 2) {
    __syncthreads();
    int right = 2 * step * (t + 1) - 1;
    if (right < size) tree[right] += tree[right - step];
  }
  if (t == 0) {
    sums[blockIdx.x] = tree[size - 1];
    tree[size - 1] = 0.f;
  }
  for (int step = size / 2; step > 0; step /= 2) {
    __syncthreads();
    int right = 2 * step * (t + 1) - 1;
    if (right < size) {
      float left = tree[right - step];
      tree[right - step] = tree[right];
      tree[right] += left;
    }
  }
  __syncthreads();
  if (i < n) out[i] = tree[t] + own;
}
"""

# %% mistake="block_scan" active="py" name="adds its own value"
# What does __shfl_up_sync give to a lane that has no lane so far below it?
block_scan = r"""
__device__ float warp_scan(float v) {
  for (int step = 1; step < 32; step *= 2)
    v += __shfl_up_sync(0xffffffffu, v, step);
  return v;
}

extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float v = warp_scan(i < n ? in[i] : 0.f);
  if (t % 32 == 31) of_warp[t / 32] = v;
  __syncthreads();
  for (int w = 0; w < t / 32; w++) v += of_warp[w];
  if (i < n) out[i] = v;
  if (t == blockDim.x - 1) sums[blockIdx.x] = v;
}
"""

# %% mistake="block_scan" active="py" name="every warp for itself"
# Lane 0 of the second warp holds element 32. Which sums of the block does its result still lack?
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  int t = threadIdx.x, lane = t % 32, i = blockIdx.x * blockDim.x + t;
  float v = i < n ? in[i] : 0.f;
  for (int step = 1; step < 32; step *= 2) {
    float below = __shfl_up_sync(0xffffffffu, v, step);
    if (lane >= step) v += below;
  }
  if (i < n) out[i] = v;
  if (t == blockDim.x - 1) sums[blockIdx.x] = v;
}
"""

# %% mistake="block_scan" active="py" name="one thread scans the block"
# Your requests have one thread each. How many are there, and what do the other 31 lanes do?
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  if (threadIdx.x > 0) return;
  float sum = 0.f;
  int first = blockIdx.x * blockDim.x;
  for (int i = first; i < n && i < first + blockDim.x; i++) {
    sum += in[i];
    out[i] = sum;
  }
  sums[blockIdx.x] = sum;
}
"""

# %% accepts="block_scan" active="py" name="shuffles, then the warps' sums"
block_scan = r"""
__device__ float warp_scan(float v, int lane) {
  for (int d = 1; d < 32; d <<= 1) {
    const float below = __shfl_up_sync(~0u, v, d);
    if (lane >= d) v += below;
  }
  return v;
}

extern "C" __global__
void block_scan(const float* x, float* y, float* totals, int count) {
  __shared__ float warps[32];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float v = warp_scan(i < count ? x[i] : 0.f, lane);
  if (lane == 31) warps[warp] = v;
  __syncthreads();
  if (warp == 0) {
    const float w = lane < blockDim.x / 32 ? warps[lane] : 0.f;
    warps[lane] = warp_scan(w, lane);
  }
  __syncthreads();
  if (warp > 0) v += warps[warp - 1];
  if (i < count) y[i] = v;
  if (threadIdx.x == blockDim.x - 1) totals[blockIdx.x] = v;
}
"""

# %% accepts="block_scan" active="py" name="one buffer, two barriers"
block_scan = r"""
extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float v = 0.f;
  if (i < n) v = in[i];
  for (int step = 1; step < blockDim.x; step += step) {
    part[t] = v;
    __syncthreads();
    if (t >= step) v += part[t - step];
    __syncthreads();
  }
  if (i < n) out[i] = v;
  if (t + 1 == blockDim.x) sums[blockIdx.x] = v;
}
"""

# %% accepts="block_scan" active="py" name="Blelloch's tree, padded"
block_scan = r"""
__device__ int at(int i) { return i + i / 32; }

extern "C" __global__
void block_scan(const float* in, float* out, float* sums, int n) {
  extern __shared__ float tree[];
  int t = threadIdx.x, size = blockDim.x, i = blockIdx.x * size + t;
  float own = i < n ? in[i] : 0.f;
  tree[at(t)] = own;
  for (int step = 1; step < size; step *= 2) {
    __syncthreads();
    int right = 2 * step * (t + 1) - 1;
    if (right < size) tree[at(right)] += tree[at(right - step)];
  }
  if (t == 0) {
    sums[blockIdx.x] = tree[at(size - 1)];
    tree[at(size - 1)] = 0.f;
  }
  for (int step = size / 2; step > 0; step /= 2) {
    __syncthreads();
    int right = 2 * step * (t + 1) - 1;
    if (right < size) {
      float left = tree[at(right - step)];
      tree[at(right - step)] = tree[at(right)];
      tree[at(right)] += left;
    }
  }
  __syncthreads();
  if (i < n) out[i] = tree[at(t)] + own;
}
"""

# %% [markdown]
# ## Histograms: many threads, one address
#
# In a tree, two threads never add to the same place. In a histogram they do, and which ones depends on the data.

# %%
plain_code = r"""
extern "C" __global__
void count(const unsigned char* values, int* counts, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) counts[values[i]]++;
}
"""
values = np.random.default_rng(1).integers(0, 4, 256).astype(np.uint8)
counts = np.zeros(256, np.int32)
plain = cuda.RawKernel(plain_code, "count")
report = plain.module.launch("count", 2, 128, (values, counts, np.int32(256)))
print(counts[:4], "wanted:", np.bincount(values))
report

# %% [markdown]
# The counts are right by luck of our order, and the report is clear. `counts[v]++` is a read, an addition and a write; a second thread that reads in between erases the first one's count.
#
# `atomicAdd` makes the three one. Atomics to *one* address may have to take turns, so their cost depends on the data.
# The next cell counts, for one atomic request of a warp, how many lanes meet at the busiest address, while more and more of the bytes are equal.

# %%
def crowd(share, n=8192):
    """Lanes at the busiest address of a request, if a share is equal."""
    draw = np.random.default_rng(2)
    values = draw.integers(0, 256, n).astype(np.uint8)
    values[draw.random(n) < share] = 7
    args = values, np.zeros(256, np.int32), np.int32(n)
    report = counting.launch("histogram_global", 8, 256, args,
                             lane=cuda.Lane.METRICS)
    row = report.select("counts", access="atomic")[0]
    return row.same_address / row.requests


counting = operator("histogram").module()
share = np.linspace(0, 1, 11)
crowds = [crowd(one) for one in share]

# %% mystnb={"figure": {"caption": "Lanes of a warp that meet at the busiest of 256 counters, by the share of bytes that are equal."}, "image": {"alt": "A line that rises from about two lanes with uniform bytes to all 32 lanes when every byte is the same, nearly straight from the middle on."}}
fig, ax = plt.subplots()
ax.plot(100 * share, crowds, "o-", color="C0")
ax.set(xlabel="bytes that are equal (%)", ylabel="lanes at one address",
       title="With skewed data the lanes of a warp meet at one counter",
       ylim=(0, 33));

# %% [markdown]
# An image with a black border or a log full of zeros is at the right end, where all 32 additions of a request meet at one counter.
# How many turns that takes depends on the device and the compiler, which may merge them; the count says where to look.
# All blocks meet at the same 256 addresses, in the L2 cache that they share.
#
# **Privatization** helps: each block counts into a histogram of its own in shared memory, which is close, and adds it to the result once, at the end.
# The lanes of a warp still meet, now in shared memory; the blocks no longer do until the end, and most of the traffic is gone.

# %% [markdown]
# ## Exercise 4: a histogram of bytes (15 min)
#
# Write the text of a kernel `histogram`: `counts[v]` grows by the number of times that byte `v` occurs in `values`.
#
# `extern "C" __global__ void histogram(const unsigned char* values, int* counts, int n)`
#
# - `values` has `n` ≥ 1 bytes, starts at a multiple of 16 bytes, and is not changed. `counts` has 256 ints and is **not zero** at the start: add to it.
# - The grid is one-dimensional and may have fewer threads than elements, or more.
# - Threads per block: a multiple of 32 from 32 to 1024, so **there may be fewer threads than bins, or more**. There is no dynamic shared memory: declare what you need.
# - As before, no thread may return while others still meet at a barrier.
# - Tested, besides the values and that the checks report nothing:
#   - the counts, exactly;
#   - at most 8 requests to `counts` by a block of 256 threads;
#   - in a launch, at most ⌈*n* / 32⌉ + 4 requests to `values`, and at most 1.5 *n* + 128 bytes: 32 for each sector of all requests together. Bank conflicts are not counted.

# %% tags=["setup"]
def bytes_call(blocks, threads):
    """How histogram is launched with this grid; small values more often."""
    def call(size, rng):
        values = np.minimum(rng.geometric(0.05, size) - 1, 255)
        values[: size // 2] = rng.integers(0, 256, size // 2)
        args = {"values": values.astype(np.uint8)}
        args |= {"counts": rng.integers(0, 9, 256).astype(np.int32)}
        return Call(blocks, threads, args | {"n": np.int32(size)})
    return call


def bytes_wanted(values, counts, **_):
    """The counts afterwards."""
    return {"counts": counts + np.bincount(values, minlength=256)}


def bytes_read(traffic):
    """Bytes of `values` in whole sectors, those of all requests added."""
    requests = float(traffic.requests("values"))
    return 32 * requests * float(traffic.sectors_per_request("values"))


# %% exercise="histogram"
### BEGIN SOLUTION
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) of_block[b] = 0;
  __syncthreads();
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    if (of_block[b] > 0) atomicAdd(&counts[b], of_block[b]);
}
"""
### END SOLUTION

# %% tests="histogram" points=5
kernel = cuda.RawKernel(histogram, "histogram")
given = np.array([3, 255, 3, 0], np.uint8)
counts = np.full(256, 10, np.int32)
kernel((1,), (32,), (given, counts, np.int32(4)))
assert counts[[0, 1, 3, 255]].tolist() == [11, 10, 12, 11]
for threads in (64, 256):
    counted_bytes = expect(kernel, bytes_call(3, threads))
    counted_bytes.correct(bytes_wanted).no_reports()
measured = expect(kernel, bytes_call(4, 256), measured=8192)
assert measured.requests("counts") <= 4 * 8
assert measured.requests("values") <= over(8192, 32) + 4
assert bytes_read(measured) <= 1.5 * 8192 + 128, "bytes of all sectors read"
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("histogram")
launches = (
    (1, 32, (1, 300)),
    (4, 64, (127, 1000)),
    (2, 256, (400, 1500)),
    (3, 96, (33, 900)),
    (1, 256, (600,)),
    (2, 1024, (500, 2500)),
    (3, 512, (2000,)),
)
for blocks, threads, sizes in launches:
    expect(kernel, bytes_call(blocks, threads), rng=draw).correct(bytes_wanted, sizes=sizes).no_reports()
for size in (1024, 2000, 4096, 5000, 8192):
    traffic = expect(kernel, bytes_call(2, 256), rng=draw, measured=size)
    traffic.requests("counts") <= 2 * 8
    traffic.requests("values") <= over(size, 32) + 4
    assert bytes_read(traffic) <= 1.5 * size + 128, "too many bytes of values, in whole sectors"
### END HIDDEN TESTS

# %% mistake="histogram" active="py" name="not set to zero"
# What is in shared memory when a block starts?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    atomicAdd(&counts[b], of_block[b]);
}
"""

# %% mistake="histogram" active="py" name="no barrier before counting"
# Thread 0 counts a byte of value 40. Has the thread that sets bin 40 to zero done so already?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) of_block[b] = 0;
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    if (of_block[b] > 0) atomicAdd(&counts[b], of_block[b]);
}
"""

# %% mistake="histogram" active="py" name="no barrier before the result"
# A thread adds its bin to the result. Are the other threads of the block done with counting into that bin?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) of_block[b] = 0;
  __syncthreads();
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&of_block[values[i]], 1);
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    if (of_block[b] > 0) atomicAdd(&counts[b], of_block[b]);
}
"""

# %% mistake="histogram" active="py" name="the result is not atomic"
# Two blocks finish at the same time, and both add to counts[0]. What is there afterwards?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) of_block[b] = 0;
  __syncthreads();
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    counts[b] += of_block[b];
}
"""

# %% mistake="histogram" active="py" name="as many threads as bins"
# The launch decides how many threads a block has. With 64 of them, who sets bin 200 to zero?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  of_block[threadIdx.x] = 0;
  __syncthreads();
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  if (of_block[threadIdx.x] > 0)
    atomicAdd(&counts[threadIdx.x], of_block[threadIdx.x]);
}
"""

# %% mistake="histogram" active="py" name="a global atomic for each byte"
# How often does a block of yours go to global memory to count, and how often would it have to?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
    atomicAdd(&counts[values[i]], 1);
}
"""

# %% mistake="histogram" active="py" name="a chunk for each thread"
# In one request of yours, how far apart are the bytes of neighboring lanes, and how many sectors is that?
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) of_block[b] = 0;
  __syncthreads();
  int threads = gridDim.x * blockDim.x, each = (n + threads - 1) / threads;
  int first = (blockIdx.x * blockDim.x + threadIdx.x) * each;
  for (int i = first; i < n && i < first + each; i++)
    atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    if (of_block[b] > 0) atomicAdd(&counts[b], of_block[b]);
}
"""

# %% accepts="histogram" active="py" name="two halves of the threads, two histograms"
histogram = r"""
constexpr int BINS = 256;

extern "C" __global__
void histogram(const unsigned char* __restrict__ data, int* bins, int size) {
  __shared__ unsigned own[2][BINS];
  const int t = threadIdx.x;
  for (int k = t; k < 2 * BINS; k += blockDim.x) own[k / BINS][k % BINS] = 0u;
  __syncthreads();
  unsigned* mine = own[(t / 32) % 2];
  size_t i = size_t(blockIdx.x) * blockDim.x + t;
  while (i < size) {
    atomicAdd(mine + data[i], 1u);
    i += size_t(gridDim.x) * blockDim.x;
  }
  __syncthreads();
  for (int k = t; k < BINS; k += blockDim.x)
    atomicAdd(bins + k, int(own[0][k] + own[1][k]));
}
"""

# %% accepts="histogram" active="py" name="a run of equal bytes adds once"
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int local[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) local[b] = 0;
  __syncthreads();
  int step = gridDim.x * blockDim.x, run = 0;
  unsigned char value = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    unsigned char next = __ldg(values + i);
    if (next != value) {
      if (run) atomicAdd(&local[value], run);
      value = next;
      run = 0;
    }
    run++;
  }
  if (run) atomicAdd(&local[value], run);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    if (local[b]) atomicAdd(&counts[b], local[b]);
}
"""

# %% accepts="histogram" active="py" name="four bytes a load"
histogram = r"""
extern "C" __global__
void histogram(const unsigned char* values, int* counts, int n) {
  __shared__ int bins[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x) bins[b] = 0;
  __syncthreads();
  const uchar4* fours = reinterpret_cast<const uchar4*>(values);
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  int threads = gridDim.x * blockDim.x;
  for (int i = t; i < n / 4; i += threads) {
    uchar4 four = fours[i];
    atomicAdd(&bins[four.x], 1);
    atomicAdd(&bins[four.y], 1);
    atomicAdd(&bins[four.z], 1);
    atomicAdd(&bins[four.w], 1);
  }
  for (int i = n / 4 * 4 + t; i < n; i += threads)
    atomicAdd(&bins[values[i]], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    atomicAdd(&counts[b], bins[b]);
}
"""

# %% [markdown]
# ## One launch: the last block finishes the job
#
# Exercise 2 left one sum for each block. To add those, a block would have to know that all others are done, and an ordinary launch has no barrier over the grid.
# Three ways out:
#
# - A second launch. Launches in one stream run in order, so it sees everything. It costs one more launch.
# - `atomicAdd` of floats into one result. Short, but somebody must set the result to zero before each launch, and blocks finish in any order, so the last digits may change from run to run.
# - The **last-block pattern**: each block stores its sum and takes a number from a counter. The block that draws the last number knows that all sums are stored, and adds them.
#
# The third gives the same bits in each run with the same grid, because the sums are added by their place and not by their time.
# It looks easy. In this miniature, a block is one thread, and its "sum" is twice its element:

# %%
last_code = r"""
extern "C" __global__ void total(const float* in, float* part,
                                 float* out, unsigned* done) {
  part[blockIdx.x] = 2 * in[blockIdx.x];
  if (atomicAdd(done, 1u) == gridDim.x - 1) {
    float sum = 0.f;
    for (int b = 0; b < gridDim.x; b++) sum += part[b];
    *out = sum;
  }
}
"""

# %%
arrays = [np.ones(8, np.float32), np.zeros(8, np.float32),
          np.zeros(1, np.float32), np.zeros(1, np.uint32)]
last = cuda.RawKernel(last_code, "total")
report = last.module.launch("total", 8, 1, arrays)
print("total:", arrays[2])
report

# %% [markdown]
# The counter is atomic, but the *sums* are ordinary stores, and nothing says that a store is seen before the count that follows it.
# `__threadfence()` says so: for everyone on the device, what this thread wrote before the fence comes before what it writes after it.
# It belongs between the store and the count, and a second one behind the count, so that the reader's loads stay behind it.

# %%
fenced = last_code.replace(
    "  if (atomicAdd(done, 1u) == gridDim.x - 1) {",
    "  __threadfence();\n  if (atomicAdd(done, 1u) == gridDim.x - 1) {\n"
    "    __threadfence();")
kernel = cuda.RawKernel(fenced, "total")
arrays[3][0] = 0
for launch in (1, 2):
    arrays[2][0] = -1
    report = kernel((8,), (1,), arrays)
    print(f"launch {launch}: total {arrays[2][0]}, counter {arrays[3][0]}, "
          f"{len(report.findings)} findings")

# %% [markdown]
# The first launch is clean. In the second, nobody is last: the counter went on from 8.
# Memory outlives a launch, and so does a `__device__` variable, for as long as its module is loaded. Whoever is last must leave the counter as it was found.
#
# With more threads in a block, one of them stores, fences and counts, and tells its block through shared memory and a barrier whether it is the last. One thread may add the parts serially: there are few.
#
# On a GPU, the racecheck tool of compute-sanitizer looks at shared memory only: a missing `__threadfence` is found in review, or here.

# %% [markdown]
# ## Exercise 5: the whole sum in one launch (20 min)
#
# Write the text of a kernel `sum_once`: `out[0]` becomes the sum of all elements.
#
# `extern "C" __global__ void sum_once(const float* in, float* part, float* out, unsigned* done, int n)`
#
# - `in` has `n` ≥ 1 floats and is not changed. As in Exercise 2, block *b* takes its elements in a grid-stride loop, and stores their sum in `part[b]`.
# - `done` is one number, 0 before the launch. It must be 0 after it, too, so that the next launch can use it.
# - Each block stores its own part, and adds exactly once to `done`.
# - The block that draws the last number, `gridDim.x - 1`, adds the parts into `out[0]`. The counter alone says which one this is: in one test `done` starts at `gridDim.x`; then no block draws that number, and `out` must keep its value (as in the second launch above; what is in `done` afterwards does not matter there).
# - `part` has one float for each block and `out` has one float, with anything in them before.
# - The grid is one-dimensional and of any size: there may be **more blocks than threads in a block**.
# - Threads per block: a multiple of 32 from 32 to 512, not always a power of two. There is no dynamic shared memory.
# - As before, no thread may return while others still meet at a barrier.
# - Tested, besides the values and that the checks report nothing:
#   - `part` and `done` as above;
#   - of the loads of `in`: at most 4.5 sectors per request, and at most ⌈*n* / 32⌉ + 8 requests;
#   - in a launch of *B* blocks, at least *B* atomics in global memory and *B* plain stores to `part`. The reset of `done` may be any store or atomic.

# %% tags=["setup"]
def once_call(blocks, threads, make=whole):
    """How sum_once is launched with this grid, whatever the size."""
    def call(size, rng):
        args = {"in": make(rng, size), "part": np.full(blocks, 7, np.float32)}
        args |= {"out": np.full(1, 7, np.float32)}
        args |= {"done": np.zeros(1, np.uint32), "n": np.int32(size)}
        return Call(blocks, threads, args)
    return call


def once_wanted(threads, of=np.asarray):
    """All sums; `of=abs` makes them what errors are relative to."""
    def wanted(part, done, **arrays):
        parts = shares(of(arrays["in"]), threads, len(part)).sum(1)
        return {"part": parts, "out": parts.sum(keepdims=True), "done": done}
    return wanted


def global_atomics(traffic):
    """How many threads made an atomic in global memory."""
    return sum(row.lanes for row in traffic.report.rows
               if row.access == "atomic" and row.space == "global")


# %% exercise="sum_once"
### BEGIN SOLUTION
sum_once = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

__device__ float block_total(float v, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  v = warp_sum(v);
  if (lane == 0) of_warp[warp] = v;
  __syncthreads();
  if (warp == 0)
    v = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return v;  // right in thread 0
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  int t = threadIdx.x;
  float v = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    v += in[i];
  v = block_total(v, of_warp);
  if (t == 0) {
    part[blockIdx.x] = v;
    __threadfence();  // the sum before the count
    last = atomicAdd(done, 1u) == gridDim.x - 1;
    __threadfence();  // the count before the loads
  }
  __syncthreads();
  if (!last) return;
  v = 0.f;
  for (int b = t; b < gridDim.x; b += blockDim.x) v += part[b];
  v = block_total(v, of_warp);
  if (t == 0) {
    *out = v;
    *done = 0;
  }
}
"""
### END SOLUTION

# %% tests="sum_once" points=6
kernel = cuda.RawKernel(sum_once, "sum_once")
given, part = np.ones(100, np.float32), np.zeros(2, np.float32)
out, done = np.zeros(1, np.float32), np.zeros(1, np.uint32)
for launch in (1, 2):
    out[0] = -1
    kernel((2,), (32,), (given, part, out, done, np.int32(100)))
    assert out[0] == 100, "all elements, also in a second launch"
    assert done[0] == 0, "the counter is ready for the next launch"
assert part.tolist() == [64, 36], "elements 0-31, 64-95; 32-63, 96-99"
out[0], done[0] = -1, 2
kernel((2,), (32,), (given, part, out, done, np.int32(100)))
assert out[0] == -1, "the counter went on from 2: nobody draws the last number"
for blocks, threads in ((5, 96), (100, 32)):
    once = expect(kernel, once_call(blocks, threads), measured=4000)
    once.correct(once_wanted(threads), sizes=(1, 500, 4000)).no_reports()
    assert once.requests("in", load=True) <= over(4000, 32) + 8
    assert once.sectors_per_request("in", load=True) <= 4.5
    assert once.requests("part", store=True) >= blocks
    assert global_atomics(once) >= blocks, "each block counts once"
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("sum_once")
launches = (
    (1, 32, (1, 200)),
    (2, 64, (100, 1000)),
    (3, 96, (31, 500, 1500)),
    (7, 256, (999, 3000)),
    (4, 512, (1025, 4000)),
    (50, 32, (1590, 2500)),
    (70, 64, (4470, 5000)),
    (101, 32, (3220, 4000)),
)
for blocks, threads, sizes in launches:
    with_whole = expect(kernel, once_call(blocks, threads), rng=draw)
    with_whole.correct(once_wanted(threads), sizes=sizes).no_reports()
for blocks, threads in ((3, 64), (40, 32)):
    with_floats = expect(kernel, once_call(blocks, threads, numbers), rng=draw)
    with_floats.correct(
        once_wanted(threads), sizes=(500, 1777), length=lambda size: size, magnitude=once_wanted(threads, abs)
    ).no_reports()
for blocks, threads in ((1, 64), (6, 128), (40, 32)):
    given, part = whole(draw, 1500), np.zeros(blocks, np.float32)
    out, done = np.full(1, -3, np.float32), np.full(1, blocks, np.uint32)
    kernel((blocks,), (threads,), (given, part, out, done, np.int32(1500)))
    assert out[0] == -3, "done starts at gridDim.x: nobody draws the last number, and out keeps its value"
for size in (1024, 2000, 3000, 4000, 5000):
    traffic = expect(kernel, once_call(4, 256), rng=draw, measured=size)
    traffic.requests("in", load=True) <= over(size, 32) + 8
    traffic.sectors_per_request("in", load=True) <= 4.5
    traffic.requests("part", store=True) >= 4
    assert global_atomics(traffic) >= 4, "each block counts once"
### END HIDDEN TESTS

# %% mistake="sum_once" active="py" name="no fence"
# Another block reads your part[b] because the counter says so. What makes sure that your store is seen before your count?
sum_once = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

__device__ float block_total(float v, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  v = warp_sum(v);
  if (lane == 0) of_warp[warp] = v;
  __syncthreads();
  if (warp == 0)
    v = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return v;
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  int t = threadIdx.x;
  float v = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    v += in[i];
  v = block_total(v, of_warp);
  if (t == 0) {
    part[blockIdx.x] = v;
    last = atomicAdd(done, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) return;
  v = 0.f;
  for (int b = t; b < gridDim.x; b += blockDim.x) v += part[b];
  v = block_total(v, of_warp);
  if (t == 0) {
    *out = v;
    *done = 0;
  }
}
"""

# %% mistake="sum_once" active="py" name="counter not reset"
# Your kernel is launched again with the same counter. Which block does it take for the last one?
sum_once = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

__device__ float block_total(float v, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  v = warp_sum(v);
  if (lane == 0) of_warp[warp] = v;
  __syncthreads();
  if (warp == 0)
    v = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return v;
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  int t = threadIdx.x;
  float v = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    v += in[i];
  v = block_total(v, of_warp);
  if (t == 0) {
    part[blockIdx.x] = v;
    __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (!last) return;
  v = 0.f;
  for (int b = t; b < gridDim.x; b += blockDim.x) v += part[b];
  v = block_total(v, of_warp);
  if (t == 0) *out = v;
}
"""

# %% mistake="sum_once" active="py" name="only thread 0 knows"
# Thread 0 finds out that its block is the last. How do the other threads of the block learn it?
sum_once = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

__device__ float block_total(float v, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  v = warp_sum(v);
  if (lane == 0) of_warp[warp] = v;
  __syncthreads();
  if (warp == 0)
    v = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return v;
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  __shared__ float of_warp[32];
  bool last = false;
  int t = threadIdx.x;
  float v = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    v += in[i];
  v = block_total(v, of_warp);
  if (t == 0) {
    part[blockIdx.x] = v;
    __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (!last) return;
  v = 0.f;
  for (int b = t; b < gridDim.x; b += blockDim.x) v += part[b];
  v = block_total(v, of_warp);
  if (t == 0) {
    *out = v;
    *done = 0;
  }
}
"""

# %% mistake="sum_once" active="py" name="no barrier before the answer"
# A thread asks whether its block is the last. Has thread 0 written the answer yet?
sum_once = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

__device__ float block_total(float v, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  v = warp_sum(v);
  if (lane == 0) of_warp[warp] = v;
  __syncthreads();
  if (warp == 0)
    v = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return v;
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  int t = threadIdx.x;
  float v = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    v += in[i];
  v = block_total(v, of_warp);
  if (t == 0) {
    part[blockIdx.x] = v;
    __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
    __threadfence();
  }
  if (!last) return;
  v = 0.f;
  for (int b = t; b < gridDim.x; b += blockDim.x) v += part[b];
  v = block_total(v, of_warp);
  if (t == 0) {
    *out = v;
    *done = 0;
  }
}
"""

# %% mistake="sum_once" active="py" name="one part a thread"
# The grid has 101 blocks, and a block has 32 threads. Which thread takes part[100]?
sum_once = r"""
__device__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2)
    v += __shfl_down_sync(0xffffffffu, v, step);
  return v;
}

__device__ float block_total(float v, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  v = warp_sum(v);
  if (lane == 0) of_warp[warp] = v;
  __syncthreads();
  if (warp == 0)
    v = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return v;
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  int t = threadIdx.x;
  float v = 0.f;
  for (int i = blockIdx.x * blockDim.x + t; i < n;
       i += gridDim.x * blockDim.x)
    v += in[i];
  v = block_total(v, of_warp);
  if (t == 0) {
    part[blockIdx.x] = v;
    __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (!last) return;
  v = block_total(t < gridDim.x ? part[t] : 0.f, of_warp);
  if (t == 0) {
    *out = v;
    *done = 0;
  }
}
"""

# %% mistake="sum_once" active="py" name="one thread of the grid does everything"
# Your requests have one thread each. How many are there, and what do the other 31 lanes, and the other blocks, do?
sum_once = r"""
extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  if (blockIdx.x > 0 || threadIdx.x > 0) return;
  float total = 0.f;
  int threads = gridDim.x * blockDim.x;
  for (int b = 0; b < gridDim.x; b++) {
    float sum = 0.f;
    for (int first = b * blockDim.x; first < n; first += threads)
      for (int i = first; i < n && i < first + blockDim.x; i++) sum += in[i];
    part[b] = sum;
    total += sum;
  }
  *out = total;
  *done = 0;
}
"""

# %% accepts="sum_once" active="py" name="a counter that wraps, volatile parts"
sum_once = r"""
extern "C" __global__
void sum_once(const float* x, volatile float* sums, float* total,
              unsigned* ticket, int count) {
  __shared__ float shared[512];
  __shared__ unsigned mine;
  const unsigned t = threadIdx.x, size = blockDim.x;
  float v = 0.f;
  for (unsigned i = blockIdx.x * size + t; i < count; i += gridDim.x * size)
    v += x[i];
  shared[t] = v;
  __syncthreads();
  if (t == 0) {
    for (unsigned j = 1; j < size; j++) v += shared[j];
    sums[blockIdx.x] = v;
    __threadfence();
    mine = atomicInc(ticket, gridDim.x - 1);
  }
  __syncthreads();
  if (mine == gridDim.x - 1 && t == 0) {
    float all = 0.f;
    for (unsigned b = 0; b < gridDim.x; b++) all += sums[b];
    *total = all;
  }
}
"""

# %% accepts="sum_once" active="py" name="the answer by a barrier that votes"
sum_once = r"""
__device__ double whole_block(double v) {
  __shared__ double of_warp[32];
  for (int bit = 16; bit > 0; bit >>= 1) v += __shfl_xor_sync(~0u, v, bit);
  __syncthreads();
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = v;
  __syncthreads();
  v = 0;
  for (int w = 0; w < blockDim.x / 32; w++) v += of_warp[w];
  return v;
}

extern "C" __global__
void sum_once(const float* in, float* part, float* out,
              unsigned* done, int n) {
  double v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += blockDim.x * gridDim.x)
    v += in[i];
  v = whole_block(v);
  bool last = false;
  if (threadIdx.x == 0) {
    part[blockIdx.x] = float(v);
    __threadfence();
    last = atomicAdd(done, 1u) + 1 == gridDim.x;
    __threadfence();
  }
  if (__syncthreads_or(last)) {
    v = 0;
    for (int b = threadIdx.x; b < gridDim.x; b += blockDim.x) v += part[b];
    v = whole_block(v);
    if (threadIdx.x == 0) {
      out[0] = float(v);
      atomicExch(done, 0u);
    }
  }
}
"""

# %% [markdown]
# ## The same on a GPU
#
# In production one writes none of this: CUB has `DeviceReduce`, `DeviceScan` and `DeviceHistogram`, CuPy has `ReductionKernel`, and CUB is tuned on devices that you do not own.
# You write your own when a reduction is *part* of another kernel, as in a softmax or a layer norm, and that is why it is asked.
# The cell below runs where CuPy finds a GPU. Here it says why it does not.

# %%
try:
    import cupy
    reason = "" if cupy.cuda.is_available() else "CuPy finds no GPU"
except ImportError:
    reason = "CuPy is not installed"
if not reason:
    norm = cupy.ReductionKernel("float32 x", "float32 y", "x * x", "a + b",
                                "y = sqrt(a)", "0", "norm")
    print(norm(cupy.arange(10, dtype=cupy.float32)))
else:
    print("skipped:", reason)

# %% [markdown]
# That cell is untested on hardware: no GPU was at hand when this page was made.

# %% [markdown]
# ## Defend it
#
# <details><summary>1. How fast can the sum of ten million floats be?</summary>
#
# It must read 40 MB, once. At the 1,555 GB/s of an A100's data sheet ({claim}`a100-peaks`) that is about 26 microseconds, and a plain copy shows what share of the data sheet is real.
# Ten million additions are nothing beside it. So the kernel is done when it reads as fast as a copy does, and the tree at its end may be plain.
# (The A100's L2 cache has 40 MB, too ({claim}`a100-l2`). A repeated benchmark on an input of this size measures partly the cache: use a larger one, or flush.)
# </details>
#
# <details><summary>2. Two runs of your sum differ in the last digit. Is that a bug?</summary>
#
# Ask how the blocks' sums are joined. With `atomicAdd` of floats the order is that of arrival, so it may change with every run, and this is expected.
# With a second launch or the last-block pattern, the order depends only on the grid and the block size, so a difference between two equal runs *is* a bug: a race, or an uninitialized value.
# If bits must agree across devices as well, fix the grid instead of deriving it from the number of multiprocessors, or accumulate in integers.
# </details>
#
# <details><summary>3. Why must the last block be found with a counter? Take the block with the largest number, or wait for the others in a loop.</summary>
#
# Blocks start in no promised order, and the largest number says nothing about who is done.
# Waiting in a loop can hang: a block that waits holds its place on the multiprocessor, and those it waits for may not have started. It is safe only if all blocks are resident at once, which a cooperative launch guarantees; then `grid.sync()` of cooperative groups does it (not in the CPU lanes of this lab).
# </details>
#
# <details><summary>4. What does <code>__threadfence</code> do, and what does it not? Our kernel has two of them.</summary>
#
# It orders the memory accesses of the thread that calls it, for all threads of the device. It does not wait for other threads, and it is no barrier. `__threadfence_block` would order them for its own block only, which is too little here.
# The first fence is the writer's: the sum before the count. The second is the reader's: the count before the loads of other blocks' sums. The barrier then hands this order on to the rest of the block.
# NVIDIA's programming guide shows the pattern with the first fence and a `volatile` pointer, so that loads do not come from an L1 cache with old lines.
# Today one can write the intent: `cuda::atomic_ref` with `memory_order_acq_rel` on the counter, in device scope (not in the CPU lanes of this lab). The checks on this page insist on the first fence only.
# </details>
#
# <details><summary>5. Your histogram meets an image that is all black.</summary>
#
# Then all 32 lanes of a request add to one bin, which the private histogram does not cure.
# First look at what was compiled. A compiler may add equal addresses of a warp in one shared-memory instruction, when the constant 1 is added and the result is ignored: look for it in the SASS.
# Otherwise, aggregate before adding: lanes with equal values find each other with `__match_any_sync`, and one of them adds the count; or each thread keeps a run of equal values in a register; or there are several histograms a block.
# Each costs something on uniform data. So ask for the data, and measure on uniform data, too.
# </details>
#
# <details><summary>6. You have scanned every block. How do you scan ten million elements, and how often do you touch memory?</summary>
#
# The plain way is three launches: scan the blocks (read and write *n*), scan the blocks' totals, add them to the elements (read and write *n* again): about 4*n* accesses. If the first pass only *reduces* and the last one scans, it is 3*n*.
# The best known is one pass with 2*n*: D. Merrill and M. Garland, "Single-pass Parallel Prefix Scan with Decoupled Look-back" (NVIDIA, 2016), which CUB uses.
# A block publishes its total at once, looks back over its predecessors' totals until one has its full prefix, and publishes its own.
# It waits for blocks before it, so these must have started. Numbers drawn from an atomic counter guarantee that; the order of `blockIdx` is not promised.
# </details>

# %% [markdown]
# ## Take away
#
# - In every step: who reads what somebody else writes? A barrier stands between, and all threads come to it.
# - Idle lanes, bank conflicts, barriers, trips through shared memory: name the cost before you remove it, and count it afterwards.
# - Within a warp, use shuffles with a mask that tells the truth; lockstep has not been a promise since Volta.
# - Test sums with whole numbers for missing elements, and with floats for rounding, relative to Σ|x|.
# - Between blocks: store, fence, count; the last one adds and resets.
