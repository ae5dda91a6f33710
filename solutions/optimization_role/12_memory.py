# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Memory: sectors, alignment, transposes and banks
#
# **Time:** 90 minutes, of which 46 are exercises. **Needs:** the first kernel notebook: guards, requests, sectors; some C.
#
# > **The question, as you will hear it.**
# > "Our attention layer wants the keys transposed: a matrix of floats, any number of rows and columns.
# > Write the kernel that comes to mind first, and tell me what fraction of each fetched byte it uses, before you run it.
# > Then get it to where a plain copy is, and show me that you are there."
#
# **What they listen for**
#
# - You predict the traffic of one warp on paper: how many sectors for the read, how many for the write.
# - You know what alignment is good for, and what `float4` changes and what it does not.
# - You use shared memory to turn a tile, with a barrier, and say which of the two sides had a bank conflict.
# - You test a matrix of 5 x 70, not only one of 1,024 x 1,024.
#
# **Ask first:** what shapes, and are they multiples of 32? How are the matrices laid out? In place or into a second array? What type?
# And must it be transposed at all, or can the consumer read it the other way round?
#
# The answers here: any shape; row by row, without gaps; into a second array; 32-bit floats; and yes, today it must.
# Nothing on this page was run on a GPU: what we count are the requests of the source.

# %% tags=["setup"]
import numpy as np

import sixrounds
from sixrounds import cuda
from sixrounds.cuda import Call, expect, numbers, over, picture

# %% [markdown]
# ## What one request costs
#
# The 32 threads of a warp issue a load together: one **request**. Memory answers in **sectors** of 32 bytes, each starting at a multiple of 32.
# What a request costs is how many sectors its addresses touch. Which thread touches which does not matter.
#
# One kernel shows all cases. It reads with a stride and from an offset:

# %%
gather_code = r"""
extern "C" __global__
void gather(const float* in, float* out, int stride, int offset) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i * stride + offset];
}
"""
gather = cuda.RawKernel(gather_code, "gather")
values, out = np.arange(4096, dtype=np.float32), np.zeros(64, np.float32)

# %%
def reads(stride, offset):
    """The metrics of two warps that read with a stride and an offset."""
    places = np.int32(stride), np.int32(offset)
    with cuda.use("metrics"):
        return gather((2,), (32,), (values, out, *places))


# %%
print("stride  offset  sectors per request  used")
for stride in (1, 2, 4, 8, 32, 0):
    for offset in (0, 8, 1) if stride == 1 else (0,):
        count = reads(stride, offset).sectors_per_request("in")
        used = 4 * (32 if stride else 1) / (32 * count)
        print(f"{stride:6}  {offset:6}  {count:19.0f}  {used:.1%}")

# %% [markdown]
# NVIDIA's CUDA C++ Best Practices Guide says the same of a warp that reads floats: four 32-byte transactions if they are adjacent and aligned, five if they are shifted, eight with a stride of two, and 32 when the stride is large ({claim}`coalescing-transactions`).
# An offset of 8 floats is 32 bytes: that only moves the request to other sectors.
# A stride of 0 uses 4 of 32 bytes, too, and yet is the cheapest of all: one sector, whose one float goes to all 32 threads.

# %% mystnb={"figure": {"caption": "Two requests of a warp to global memory. Each row is a sector of 32 bytes, each cell the four bytes of a thread, with its number. Above: adjacent floats, shifted by one. Below: every second float."}, "image": {"alt": "Upper panel: five rows; the first is filled but for its first cell, the last has one cell only. Lower panel: eight rows, in each of which every second cell is empty."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()
fig, axes = plt.subplots(2, figsize=(7, 6.2), height_ratios=(5, 8))
picture.sectors(reads(1, 1), "in", load=True, axes=axes[0])
picture.sectors(reads(2, 0), "in", load=True, axes=axes[1])
axes[0].set_title("offset 1: 5 sectors")
axes[1].set_title("stride 2: 8 sectors")
for ax in axes:
    ax.set_xticks(range(0, 33, 4))

# %% [markdown]
# The shifted read costs a quarter more sectors, yet on a V100 the guide measured a loss of only about a tenth ({claim}`misaligned-copy-v100`): the neighboring warp needs the rest of the fifth sector and finds it in a cache.
# No neighbor needs the other half of a stride of two. So these counts say where to look, and time says what it costs.

# %% [markdown]
# ## Exercise 1: sectors of a warp (6 min)
#
# Write `sectors_of_warp(addresses, size)`: how many sectors of 32 bytes one request touches.
#
# - `addresses`: a list of 0 to 32 whole numbers ≥ 0, in any order: where each active thread starts, in bytes. Threads may have the same address.
# - `size`: a whole number from 1 to 16, the bytes of each thread: it touches `address`, …, `address + size - 1`.
# - Addresses need not be multiples of `size`, so one access **may lie in two sectors**. (A device would refuse it. Count it all the same.)
# - Sector `k` has the bytes from `32 * k` to `32 * k + 31`. Returns an int; 0 if no thread is active.

# %% exercise="sectors_of_warp"
def sectors_of_warp(addresses, size):
    """Sectors of 32 bytes that a request touches.

    Args:
        addresses: list of 0 to 32 ints >= 0, first byte of each thread.
        size: int from 1 to 16, bytes of each thread.

    Returns:
        int, the number of different sectors.

    >>> sectors_of_warp([4 * lane for lane in range(32)], 4)
    4
    """
    ### BEGIN SOLUTION
    touched = set()
    for first in addresses:
        touched.add(first // 32)
        touched.add((first + size - 1) // 32)
    return len(touched)
    ### END SOLUTION

# %% tests="sectors_of_warp" points=3
assert sectors_of_warp([4 * lane for lane in range(32)], 4) == 4, "neighbors"
assert sectors_of_warp([4 + 4 * lane for lane in range(32)], 4) == 5, "shifted"
assert sectors_of_warp([128] * 32, 4) == 1, "all threads at one address"
assert sectors_of_warp([28], 8) == 2, "one access in two sectors"
assert sectors_of_warp([0, 640, 4], 4) == 2, "a gap, and the first again"
assert sectors_of_warp([], 4) == 0, "no thread is active"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("sectors_of_warp")


def by_bytes(addresses, size):
    """The same, byte by byte."""
    return len({byte // 32 for first in addresses for byte in range(first, first + size)})


for case in range(60):
    size = draw.choice((1, 2, 4, 8, 16))
    start = size * draw.randrange(200)
    step = size * draw.choice((1, 2, 3, 5, 8, 33))
    strided = [start + step * lane for lane in range(32)]
    assert sectors_of_warp(strided, size) == by_bytes(strided, size), "a stride, aligned accesses"
    draw.shuffle(strided)
    some = strided[: draw.randrange(1, 32)]
    assert sectors_of_warp(some, size) == by_bytes(some, size), "some threads of a stride, in any order"
    odd = draw.randrange(1, 17)
    anywhere = [draw.randrange(draw.choice((100, 3000))) for _ in range(draw.randrange(1, 33))]
    assert sectors_of_warp(anywhere, odd) == by_bytes(anywhere, odd), "addresses anywhere, any size"
    twice = anywhere[:16] * 2
    assert sectors_of_warp(twice, odd) == by_bytes(twice, odd), "threads with the same address"
    far = [10**9 + first for first in anywhere]
    assert sectors_of_warp(far, odd) == by_bytes(far, odd), "large addresses"
assert sectors_of_warp([], 16) == 0, "no thread is active"
### END HIDDEN TESTS

# %% mistake="sectors_of_warp" active="py" name="as if dense"
# Thread 0 reads byte 0, and thread 1 reads byte 1,000. How many bytes do they need, and how many sectors do they touch?
def sectors_of_warp(addresses, size):
    return -(-len(set(addresses)) * size // 32)

# %% mistake="sectors_of_warp" active="py" name="from first to last"
# With a stride of 256 bytes, does anybody touch the sectors in between?
def sectors_of_warp(addresses, size):
    if not addresses:
        return 0
    return (max(addresses) + size - 1) // 32 - min(addresses) // 32 + 1

# %% mistake="sectors_of_warp" active="py" name="first bytes only"
# An access of 8 bytes starts at byte 28. In which sector is its last byte?
def sectors_of_warp(addresses, size):
    return len({first // 32 for first in addresses})

# %% mistake="sectors_of_warp" active="py" name="each thread on its own"
# Threads 0 and 1 read neighboring floats. Is the sector that both lie in fetched twice?
def sectors_of_warp(addresses, size):
    count = 0
    for first in addresses:
        count += (first + size - 1) // 32 - first // 32 + 1
    return count

# %% mistake="sectors_of_warp" active="py" name="sectors start at the first address"
# Where does a sector begin: at the lowest address of the request, or at a multiple of 32?
def sectors_of_warp(addresses, size):
    start = min(addresses, default=0)
    touched = set()
    for first in addresses:
        touched.add((first - start) // 32)
        touched.add((first - start + size - 1) // 32)
    return len(touched)

# %% mistake="sectors_of_warp" active="py" name="whole cache lines"
# A line of the cache has 128 bytes and four parts. If one thread reads one float, are all four fetched?
def sectors_of_warp(addresses, size):
    lines = set()
    for first in addresses:
        lines.add(first // 128)
        lines.add((first + size - 1) // 128)
    return 4 * len(lines)

# %% accepts="sectors_of_warp" active="py" name="numpy"
def sectors_of_warp(addresses, size):
    first = np.array(addresses, dtype=np.int64)
    ends = np.concatenate([first >> 5, (first + size - 1) >> 5])
    return int(np.unique(ends).size)

# %% accepts="sectors_of_warp" active="py" name="byte by byte"
def sectors_of_warp(addresses, size):
    every = {a + k for a in addresses for k in range(size)}
    return len(set(map(lambda byte: byte // 32, every)))

# %% [markdown]
# Your function and the lane should agree. Then it can draw what would take many launches: how much of what is fetched is used, for each stride and size.

# %% mystnb={"figure": {"caption": "Share of the fetched bytes that a warp uses, by the distance between neighboring threads, for accesses of 4, 8 and 16 bytes."}, "image": {"alt": "Three falling curves. For 4 bytes the share is 100 percent at stride 1, 50 percent at 2 and 12.5 percent from 8 on. For 8 bytes it falls to 25 percent, from stride 4 on, and for 16 bytes to 50 percent, from stride 2 on."}}
for stride, offset in ((1, 1), (3, 0), (5, 2), (32, 0)):
    bytes_read = [4 * (stride * lane + offset) for lane in range(32)]
    counted = reads(stride, offset).rows[0].sample
    assert [address for _, address in counted] == bytes_read
    print(stride, offset, sectors_of_warp(bytes_read, 4))
fig, ax = plt.subplots()
strides = range(1, 17)
for size, style in ((4, "o-"), (8, "s--"), (16, "^:")):
    warps = [[size * s * lane for lane in range(32)] for s in strides]
    sectors = np.array([sectors_of_warp(warp, size) for warp in warps])
    ax.plot(strides, 100 * size / sectors, style, label=f"{size} bytes")
ax.set(xlabel="stride (elements)", ylabel="used (% of fetched bytes)", ylim=0)
ax.legend(title="access");

# %% [markdown]
# ## Alignment, and what float4 buys
#
# A thread can move 4 floats in one access of 16 bytes: a `float4`.
# Then a warp asks once for 512 bytes instead of four times for 128. The bytes are the same; the requests are a quarter.
#
# The price is alignment: an access of 16 bytes must start at a multiple of 16 ({claim}`vector-access-alignment`).
# What the CUDA runtime allocates starts at a multiple of 256 ({claim}`allocation-alignment`). A pointer into the middle of an array need not.

# %%
shifted_code = r"""
extern "C" __global__
void shifted(const float* in, float4* out) {
  const float4* four = reinterpret_cast<const float4*>(in + 1);
  out[threadIdx.x] = four[threadIdx.x];
}
"""
shifted = cuda.RawKernel(shifted_code, "shifted")
report = shifted.module.launch("shifted", 1, 8, (values, np.zeros(32, "f4")))
print(report.findings[0].message)

# %% [markdown]
# A cast does not move data. It is a promise to the compiler, and here it is broken.
# A GPU ends such a kernel with the error "misaligned address", and the process cannot go on using CUDA ({claim}`misaligned-error`).
#
# The second price is the end: four at a time leave up to three elements over.

# %% [markdown]
# ## Exercise 2: copy with float4 (12 min)
#
# Write the text of a kernel `copy_float4` that copies `n` floats, 16 bytes an access:
#
# `extern "C" __global__ void copy_float4(const float* in, float* out, int n)`
#
# - `in` and `out` have `n` ≥ 1 floats, start at multiples of 16 bytes and do not overlap. `in` is not changed.
# - `n` need not be a multiple of 4. Nothing past the end may be touched, **not even read**.
# - The grid is one-dimensional and has at least `n / 4` threads, rounded up: often more, sometimes whole blocks more. A block has 32, 64, 128, 256 or 1,024 threads.
# - Tested: the values; that the checks report nothing; at most `⌈n / 128⌉ + 3` requests to read and as many to write, for example 11 for 1,000 elements (a float at a time needs `⌈n / 32⌉`), of at most 16 sectors.

# %% tags=["setup"]
def copy_call(size, rng):
    """A launch of copy_float4 with four elements a thread, in blocks of 64."""
    given = numbers(rng, size)
    args = {"in": given, "out": np.zeros_like(given), "n": np.int32(size)}
    return Call(over(size, 4 * 64), 64, args)


def copy_wanted(**arrays):
    """What copy_float4 must write."""
    return {"out": arrays["in"]}


# %% exercise="copy_float4"
### BEGIN SOLUTION
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int fours = n / 4;
  if (i < fours)
    reinterpret_cast<float4*>(out)[i] =
        reinterpret_cast<const float4*>(in)[i];
  int rest = 4 * fours + i;
  if (rest < n) out[rest] = in[rest];
}
"""
### END SOLUTION

# %% tests="copy_float4" points=4
kernel = cuda.RawKernel(copy_float4, "copy_float4")
given = np.arange(1, 8, dtype=np.float32)
result = np.zeros_like(given)
kernel((1,), (32,), (given, result, np.int32(7)))
assert result.tolist() == [1, 2, 3, 4, 5, 6, 7], "seven elements: 4 and 3"
expect(kernel, copy_call).correct(copy_wanted).no_reports()
assert expect(kernel, copy_call).requests("in", load=True) <= 11
assert expect(kernel, copy_call).requests("out", store=True) <= 11
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("copy_float4")


def any_copy(size, chance):
    """Blocks of any allowed size, and sometimes whole blocks too many."""
    threads = int(chance.choice((32, 64, 128, 256, 1024)))
    given = numbers(chance, size)
    args = {"in": given, "out": np.full(size, 7, np.float32), "n": np.int32(size)}
    return Call(over(size, 4 * threads) + int(chance.integers(3)), threads, args)


sizes = (1, 2, 3, 4, 5, 31, 66, 127, 128, 129, 255, 510, 1000, 1001, 1003)
expect(kernel, any_copy, rng=draw).correct(copy_wanted, sizes=sizes).no_reports()
for size in (130, 258, 386, 515, 643, 771, 1024, 1030, 2051):
    traffic = expect(kernel, copy_call, rng=draw, measured=size)
    traffic.requests("in", load=True) <= over(size, 128) + 3
    traffic.requests("out", store=True) <= over(size, 128) + 3
    traffic.sectors_per_request("in", load=True) <= 16
    traffic.sectors_per_request("out", store=True) <= 16
### END HIDDEN TESTS

# %% mistake="copy_float4" active="py" name="forgets the rest"
# Seven elements, four at a time: who copies elements 4 to 6?
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n / 4)
    reinterpret_cast<float4*>(out)[i] =
        reinterpret_cast<const float4*>(in)[i];
}
"""

# %% mistake="copy_float4" active="py" name="rounds up"
# Your last thread moves four elements. If n is 7, which elements are these, and do they all exist?
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (n + 3) / 4)
    reinterpret_cast<float4*>(out)[i] =
        reinterpret_cast<const float4*>(in)[i];
}
"""

# %% mistake="copy_float4" active="py" name="guards with the number of floats"
# Your index counts groups of four, and n counts floats. Which group does thread n - 1 take?
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    reinterpret_cast<float4*>(out)[i] =
        reinterpret_cast<const float4*>(in)[i];
}
"""

# %% mistake="copy_float4" active="py" name="four floats one after the other"
# Four elements a thread, one access for each: how many requests does a warp make, and how far apart are the addresses in one of them?
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  for (int k = 0; k < 4; k++)
    if (i + k < n) out[i + k] = in[i + k];
}
"""

# %% mistake="copy_float4" active="py" name="takes the rest from the front"
# If the first n % 4 elements are copied one by one, at which byte does your first float4 start?
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int rest = n % 4;
  if (i < rest) out[i] = in[i];
  if (i < n / 4)
    reinterpret_cast<float4*>(out + rest)[i] =
        reinterpret_cast<const float4*>(in + rest)[i];
}
"""

# %% mistake="copy_float4" active="py" name="counts in floats"
# What is the distance between p[0] and p[1] if p points to float4? Which floats does p[4 * i] hold?
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i + 3 < n)
    reinterpret_cast<float4*>(out)[i] =
        reinterpret_cast<const float4*>(in)[i];
  else
    for (; i < n; i++) out[i] = in[i];
}
"""

# %% accepts="copy_float4" active="py" name="one thread takes the rest"
copy_float4 = r"""
extern "C" __global__
void copy_float4(const float* __restrict__ src, float* __restrict__ dst,
                 int count) {
  const int first = 4 * (threadIdx.x + blockDim.x * blockIdx.x);
  if (first + 4 <= count) {
    const float4 v = *(const float4*)(src + first);
    *(float4*)(dst + first) = v;
    return;
  }
  for (int k = first; k < count; ++k) dst[k] = src[k];
}
"""

# %% accepts="copy_float4" active="py" name="grid-stride, 16 bytes of any type"
copy_float4 = r"""
template <typename Wide>
__device__ void copied(const float* in, float* out, size_t n) {
  constexpr size_t EACH = sizeof(Wide) / sizeof(float);
  const size_t step = size_t(gridDim.x) * blockDim.x;
  const size_t me = size_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const Wide* from = reinterpret_cast<const Wide*>(in);
  Wide* to = reinterpret_cast<Wide*>(out);
  for (size_t i = me; i < n / EACH; i += step) to[i] = from[i];
  for (size_t i = n / EACH * EACH + me; i < n; i += step) out[i] = in[i];
}

extern "C" __global__
void copy_float4(const float* in, float* out, int n) {
  copied<int4>(in, out, n);
}
"""

# %% [markdown]
# What did it buy? The same copy both ways, for 4,096 floats:

# %%
plain_code = r"""
extern "C" __global__ void plain(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}
"""

# %%
result, n = np.zeros(4096, np.float32), np.int32(4096)
for name, code, blocks in (
    ("plain", plain_code, 64),
    ("copy_float4", copy_float4, 16),
):
    kernel = cuda.RawKernel(code, name)
    with cuda.use("metrics"):
        report = kernel((blocks,), (64,), (values, result, n))
    count = sum(row.requests for row in report.rows)
    print(f"{name:12} {count:4} requests, {report.global_bytes:,} bytes")

# %% [markdown]
# A quarter of the requests, and not a byte less. `float4` helps where issuing requests is the limit, or where too few bytes are under way; it does nothing for a kernel that fetches what it does not use.

# %% [markdown]
# ## A transpose, as it comes to mind
#
# `out[x][y] = in[y][x]`. Each block takes a square of 32 x 32 with 32 x 8 threads, so a thread moves four elements, and a warp is one row of 32.
# Before you run it: how many sectors for a request of the read, and how many for one of the write?

# %%
naive_code = r"""
extern "C" __global__
void transpose(const float* in, float* out, int rows, int cols) {
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      out[x * rows + y + j] = in[(y + j) * cols + x];
}
"""
naive = cuda.RawKernel(naive_code, "transpose")
matrix = np.arange(64 * 96, dtype=np.float32).reshape(64, 96)
turned = np.zeros((96, 64), np.float32)
sizes = (np.int32(64), np.int32(96))

# %%
with cuda.use("metrics"):
    report = naive((3, 2), (32, 8), (matrix, turned, *sizes))
assert np.array_equal(turned, matrix.T)
report

# %% [markdown]
# Right, and an eighth of what the stores touch is used: 32 threads write 4 bytes each, into 32 different sectors.
# NVIDIA works out the same 12.5 % for accesses far apart, and names the stores of such a transpose as a case of it ({claim}`uncoalesced-transpose`).
#
# Swap the roles of `x` and `y`, and the stores are fine and the loads are not. One side always runs along columns.
# Unless the data is turned on the way, in a place where the order of access costs little.

# %% [markdown]
# ## Shared memory, and who waits for whom
#
# **Shared memory** belongs to a block: all its threads see it, and it is on the chip.
# This kernel reverses each stretch of 64 elements. A thread puts one element down and picks up one that *another* thread put down:

# %%
reverse_code = r"""
extern "C" __global__ void reverse(const float* in, float* out) {
  __shared__ float part[64];
  int t = threadIdx.x, first = blockIdx.x * 64;
  part[t] = in[first + t];
  out[first + t] = part[63 - t];
}
"""
reverse = cuda.RawKernel(reverse_code, "reverse")
print(reverse.module.launch("reverse", 1, 64, (values, out)))

# %% [markdown]
# The checks run the threads in order, so the first ones find nothing in `part`; a GPU may run the two warps in any order.
# `__syncthreads()` is a **barrier**: no thread of the block goes on before all have arrived.

# %%
mended = reverse_code.replace("  out[", "  __syncthreads();\n  out[")
report = cuda.RawModule(mended).launch("reverse", 1, 64, (values, out))
print(report)
assert np.array_equal(out, values[:64][::-1])

# %% [markdown]
# "All have arrived" includes those with nothing to do. A thread that returns early, because it lies outside of the matrix, never arrives. Since Volta the barrier waits only for threads that have not exited; so the kernel may go on, and what that thread should have moved is missing. Our checks refuse it.
# And who is outside when you read need not be outside when you write.

# %% [markdown]
# ## Exercise 3: transpose through a tile (15 min)
#
# Write the text of a kernel `transpose_tiled` that writes the transpose of a matrix:
#
# `extern "C" __global__ void transpose_tiled(const float* in, float* out, int rows, int cols)`
#
# - `in` has `rows` x `cols` floats, row by row; `out` has `cols` x `rows`. Both counts are ≥ 1, **any** numbers, seldom equal. The arrays do not overlap, and `in` is not changed.
# - A block has 32 x 8 threads. The grid has `⌈cols / 32⌉` x `⌈rows / 32⌉` blocks: each takes a square of 32 x 32 of the input, which may stick out of the matrix on the right and below.
# - Accesses of 4 bytes are enough. No thread may return while others still meet at a barrier.
# - Go through a `__shared__` array, so that global memory is read *and* written along rows. How much of it, and how it is indexed, is up to you.
# - An element of the shared array that nobody has written may not be read, not even to throw it away: the checks report it.
# - Tested: the values and that the checks report nothing. On multiples of 32 also, for the loads of `in` and for the stores to `out`: at most 4.5 sectors per request (so no wider accesses), and at most one request per 32 elements; for shared memory: at most three requests per 32 elements.
#
# Why both? An average per request can be fooled: 32 requests of one thread each have one sector each, and move eight times as much as one request of all. Ratio **and** number make the bill.

# %% tags=["setup"]
def transposing(rows, cols, rng):
    """A launch of a transpose: 32 x 8 threads, squares of 32 x 32."""
    matrix = numbers(rng, rows, cols)
    args = {"in": matrix, "out": np.zeros((cols, rows), np.float32)}
    args |= {"rows": np.int32(rows), "cols": np.int32(cols)}
    return Call((over(cols, 32), over(rows, 32)), (32, 8), args)


def transpose_call(size, rng):
    """`size` rows, and more columns: multiples of 32 if `size` is one."""
    return transposing(size, size + (32 if size % 32 == 0 else 5), rng)


def transpose_wanted(**arrays):
    """What a transpose must write."""
    return {"out": arrays["in"].T}


# %% exercise="transpose_tiled"
### BEGIN SOLUTION
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""
### END SOLUTION

# %% tests="transpose_tiled" points=5
kernel = cuda.RawKernel(transpose_tiled, "transpose_tiled")
matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
result = np.zeros((3, 2), np.float32)
kernel((1, 1), (32, 8), (matrix, result, np.int32(2), np.int32(3)))
assert result.tolist() == [[0, 3], [1, 4], [2, 5]], "rows to columns"
expect(kernel, transpose_call).correct(
    transpose_wanted, sizes=(1, 5, 32, 33, 70)
).no_reports()
traffic = expect(kernel, transpose_call, measured=64)
assert traffic.sectors_per_request("in", load=True) <= 4.5
assert traffic.sectors_per_request("out", store=True) <= 4.5
pieces = 64 * 96 // 32
assert traffic.requests("in", load=True) <= pieces
assert traffic.requests("out", store=True) <= pieces
assert traffic.shared_requests() <= 3 * pieces
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("transpose_tiled")


def any_transpose(size, chance):
    """`size` rows, and any number of columns."""
    return transposing(size, int(chance.integers(1, 100)), chance)


sizes = (1, 2, 9, 31, 32, 33, 40, 64, 70, 100)
expect(kernel, any_transpose, rng=draw).correct(transpose_wanted, sizes=sizes).no_reports()
for size in (32, 64, 96, 128, 160, 192):
    traffic = expect(kernel, transpose_call, rng=draw, measured=size)
    traffic.sectors_per_request("in", load=True) <= 4.5
    traffic.sectors_per_request("out", store=True) <= 4.5
    pieces = size * (size + 32) // 32
    traffic.requests("in", load=True) <= pieces
    traffic.requests("out", store=True) <= pieces
    traffic.shared_requests() <= 3 * pieces
for rows, cols in ((5, 70), (70, 5), (1, 97), (97, 1), (33, 64)):
    def odd_shape(size, chance):
        """These rows and columns."""
        return transposing(rows, cols, chance)

    expect(kernel, odd_shape, rng=draw).correct(transpose_wanted, sizes=(1,)).no_reports()
### END HIDDEN TESTS

# %% mistake="transpose_tiled" active="py" name="one thread at a time"
# Each of your requests has one thread in it, so its average looks perfect. How many requests are there, and how many bytes do they move in all?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows) {
      float value = in[(y + j) * cols + x];
      for (int lane = 0; lane < 32; ++lane)
        if (threadIdx.x == lane) out[x * rows + y + j] = value;
    }
}
"""

# %% mistake="transpose_tiled" active="py" name="no barrier"
# Who wrote the element of the tile that your thread reads, and what makes sure that it has been written by then?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_tiled" active="py" name="straight to columns"
# Your reads go along a row. In one request of your stores, how far apart are the addresses of two neighboring threads?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      out[x * rows + y + j] = in[(y + j) * cols + x];
}
"""

# %% mistake="transpose_tiled" active="py" name="tiles stay where they are"
# You turned each tile. Where in the output does the tile in the upper right corner of the input belong?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.x * 32 + threadIdx.x;
  y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_tiled" active="py" name="tile is not turned"
# You moved the tile to its new place. Which of its elements does thread (3, 0) read back, and which one does it need?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.y + j][threadIdx.x];
}
"""

# %% mistake="transpose_tiled" active="py" name="the guard of the input"
# The output has as many rows as the input has columns. Against which bounds do you check x and y when you store?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_tiled" active="py" name="row length of the input"
# How many elements lie between the first elements of two neighboring rows of the output?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * cols + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_tiled" active="py" name="leaves before the barrier"
# A thread to the right of the matrix has nothing to read. Has it something to write, and does it meet the others at the barrier?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  if (x >= cols || y >= rows) return;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_tiled" active="py" name="one element a thread"
# The block has 32 x 8 threads and the tile 32 x 32 elements: who moves the other three quarters?
transpose_tiled = r"""
extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  if (x < cols && y < rows)
    tile[threadIdx.y][threadIdx.x] = in[y * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.y;
  y = blockIdx.x * 32 + threadIdx.x;
  if (x < rows && y < cols)
    out[y * rows + x] = tile[threadIdx.y][threadIdx.x];
}
"""

# %% accepts="transpose_tiled" active="py" name="turns when it fills the tile, one array, early names"
transpose_tiled = r"""
#define TILE 32

__device__ int at(int row, int column, int width) {
  return row * width + column;
}

extern "C" __global__
void transpose_tiled(const float* __restrict__ src, float* __restrict__ dst,
                     int height, int width) {
  __shared__ float buffer[TILE * TILE];
  const int left = blockIdx.x * TILE, top = blockIdx.y * TILE;
  for (int r = threadIdx.y; r < TILE; r += blockDim.y) {
    const int row = top + r, column = left + threadIdx.x;
    if (row < height && column < width)
      buffer[at(threadIdx.x, r, TILE)] = src[at(row, column, width)];
  }
  __syncthreads();
  for (int r = threadIdx.y; r < TILE; r += blockDim.y) {
    const int row = left + r, column = top + threadIdx.x;
    if (row < width && column < height)
      dst[at(row, column, height)] = buffer[at(r, threadIdx.x, TILE)];
  }
}
"""

# %% accepts="transpose_tiled" active="py" name="four tiles of 16 x 16"
transpose_tiled = r"""
template <int SIDE>
__device__ void turn(const float* in, float* out, int rows, int cols,
                     int top, int left, float (*tile)[SIDE + 1]) {
  const int me = threadIdx.y * blockDim.x + threadIdx.x;
  const int r = me / SIDE, c = me % SIDE;
  if (top + r < rows && left + c < cols)
    tile[r][c] = in[size_t(top + r) * cols + left + c];
  __syncthreads();
  if (left + r < cols && top + c < rows)
    out[size_t(left + r) * rows + top + c] = tile[c][r];
  __syncthreads();
}

extern "C" __global__
void transpose_tiled(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[16][17];
  for (int down = 0; down < 32; down += 16)
    for (int right = 0; right < 32; right += 16)
      turn<16>(in, out, rows, cols, blockIdx.y * 32 + down,
               blockIdx.x * 32 + right, tile);
}
"""

# %% [markdown]
# ## Banks
#
# Shared memory is built of 32 memories that work side by side: **banks**, each of which serves one word of 4 bytes at a time. Word `w` lies in bank `w % 32` ({claim}`shared-banks`).
# If a request needs two *different* words of one bank, it takes two passes. The *same* word costs nothing more: it goes to everyone who asked.
# The metrics call a pass a **wavefront**; 1 is the best there is.

# %%
bank_code = r"""
extern "C" __global__ void banks(float* out, int stride) {
  __shared__ float part[33 * 32];
  for (int i = threadIdx.x; i < 33 * 32; i += 32) part[i] = i;
  __syncwarp();
  out[threadIdx.x] = part[threadIdx.x * stride];
}
"""
banks = cuda.RawKernel(bank_code, "banks")


def passes(stride):
    """The metrics of a warp that reads shared memory with a stride."""
    with cuda.use("metrics"):
        return banks((1,), (32,), (out, np.int32(stride)))


# %%
print("stride  passes")
for stride in (0, 1, 2, 3, 4, 8, 16, 31, 32, 33):
    count = passes(stride).wavefronts_per_request("part", "load")
    print(f"{stride:6}  {count:6.0f}")

# %% [markdown]
# For a stride of 1 and more, the passes are the greatest common divisor of the stride and 32. So every odd stride is free of conflicts, and 32 is the worst there is.
# What stride did your tile have, when a warp walked down one of its columns?

# %% mystnb={"figure": {"caption": "Two requests of a warp to shared memory, with strides of 2 and of 33 words. Each column is a bank; words of the same bank are stacked, and each takes a pass. Numbers: threads."}, "image": {"alt": "Upper panel: 16 columns, every second one of 32, each two words high. Lower panel: all 32 columns, each one word high."}}
fig, axes = plt.subplots(2, figsize=(7, 4))
picture.banks(passes(2), "part", load=True, axes=axes[0])
picture.banks(passes(33), "part", load=True, axes=axes[1])
axes[0].set_title("stride 2: two passes")
axes[1].set_title("stride 33: one pass")
for ax in axes:
    ax.set_yticks(range(3))

# %% [markdown]
# ## Exercise 4: passes over the banks (6 min)
#
# Write `bank_conflict(words)`: how many passes one request to shared memory takes.
#
# - `words`: a list of 0 to 32 whole numbers ≥ 0: which word of 4 bytes each active thread wants. Word `w` lies in bank `w % 32`.
# - A pass serves one word of every bank, to all threads that want it. Threads that want the same word share a pass.
# - Returns an int: 1 without a conflict, 2 for what is called a two-way conflict, and so on; 0 if no thread is active.

# %% exercise="bank_conflict"
def bank_conflict(words):
    """Passes over the banks that a request to shared memory takes.

    Args:
        words: list of 0 to 32 ints >= 0, the word of each thread.

    Returns:
        int, 0 without words.

    >>> bank_conflict([2 * lane for lane in range(32)])
    2
    """
    ### BEGIN SOLUTION
    in_bank = [0] * 32
    for word in set(words):
        in_bank[word % 32] += 1
    return max(in_bank)
    ### END SOLUTION

# %% tests="bank_conflict" points=3
assert bank_conflict(list(range(32))) == 1, "a row"
assert bank_conflict([2 * lane for lane in range(32)]) == 2, "a stride of 2"
assert bank_conflict([32 * lane for lane in range(32)]) == 32, "a column"
assert bank_conflict([7] * 32) == 1, "one word for all"
assert bank_conflict([0, 32, 64, 1]) == 3, "three words of one bank"
assert bank_conflict([]) == 0, "no thread is active"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("bank_conflict")


def by_passes(words):
    """The same, by serving one word of every bank until none is left."""
    left, count = set(words), 0
    while left:
        served = {}
        for word in left:
            served.setdefault(word % 32, word)
        left -= set(served.values())
        count += 1
    return count


for case in range(60):
    start, stride = draw.randrange(1000), draw.randrange(1, 70)
    column = [start + stride * lane for lane in range(32)]
    assert bank_conflict(column) == by_passes(column), "a stride"
    draw.shuffle(column)
    some = column[: draw.randrange(1, 32)]
    assert bank_conflict(some) == by_passes(some), "some threads of a stride, in any order"
    table = [draw.randrange(draw.choice((40, 300, 3000))) for _ in range(draw.randrange(1, 33))]
    assert bank_conflict(table) == by_passes(table), "words anywhere, as of a lookup"
    shared = [draw.choice(table[:4]) for _ in range(32)]
    assert bank_conflict(shared) == by_passes(shared), "many threads at a few words"
assert bank_conflict([]) == 0, "no thread is active"
### END HIDDEN TESTS

# %% mistake="bank_conflict" active="py" name="the same word twice"
# All 32 threads read word 7. How often must its bank be asked?
def bank_conflict(words):
    in_bank = [0] * 32
    for word in words:
        in_bank[word % 32] += 1
    return max(in_bank)

# %% mistake="bank_conflict" active="py" name="counts what is too much"
# Without any conflict, how many passes does a request take: 0 or 1?
def bank_conflict(words):
    in_bank = [0] * 32
    for word in set(words):
        in_bank[word % 32] += 1
    return max(max(in_bank) - 1, 0)

# %% mistake="bank_conflict" active="py" name="a bank is a stretch of words"
# In which bank is word 1: in that of word 0, or in the next?
def bank_conflict(words):
    in_stretch = {}
    for word in set(words):
        in_stretch[word // 32] = in_stretch.get(word // 32, 0) + 1
    return max(in_stretch.values(), default=0)

# %% mistake="bank_conflict" active="py" name="sixteen banks"
# Your rule is that of the devices of 2009. Into how many banks do the 32 words of a row fall today?
def bank_conflict(words):
    in_bank = [0] * 16
    for word in set(words):
        in_bank[word % 16] += 1
    return max(in_bank)

# %% mistake="bank_conflict" active="py" name="one pass for each busy bank"
# Two banks have two words each. Can one pass serve both banks?
def bank_conflict(words):
    in_bank = [0] * 32
    for word in set(words):
        in_bank[word % 32] += 1
    return min(len(words), 1) + sum(count - 1 for count in in_bank if count > 1)

# %% accepts="bank_conflict" active="py" name="numpy"
def bank_conflict(words):
    different = np.unique(np.array(words, dtype=np.int64))
    return int(np.bincount(different % 32, minlength=32).max())

# %% accepts="bank_conflict" active="py" name="Counter"
def bank_conflict(words):
    from collections import Counter

    counts = Counter(word & 31 for word in dict.fromkeys(words))
    return max(counts.values(), default=0)

# %% [markdown]
# Now your function can answer what you would otherwise try out. A tile of 32 rows: how long may a row be, so that a column is read in one pass?

# %%
print("row length  passes for a row, for a column")
for length in (32, 33, 34, 36, 40, 48, 63, 64):
    row = [lane for lane in range(32)]
    column = [length * lane for lane in range(32)]
    print(f"{length:10}  {bank_conflict(row):16}  {bank_conflict(column)}")

# %% [markdown]
# ## Exercise 5: transpose without conflicts (7 min)
#
# Write the text of a kernel `transpose_padded`. It does what `transpose_tiled` does, and no request to shared memory takes a second pass:
#
# `extern "C" __global__ void transpose_padded(const float* in, float* out, int rows, int cols)`
#
# - Matrices, block, grid and squares are as in exercise 3: any `rows` and `cols` ≥ 1, blocks of 32 x 8 threads, `⌈cols / 32⌉` x `⌈rows / 32⌉` of them, no overlap.
# - Go through shared memory, by accesses of 4 bytes, in any way: a longer row, or the elements of a row in another order. Shared memory of a block: at most 48 KB.
# - Tested: all that exercise 3 tests, and on multiples of 32 exactly 1 wavefront per request over all of shared memory, loads and stores.

# %% exercise="transpose_padded"
### BEGIN SOLUTION
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][33];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""
### END SOLUTION

# %% tests="transpose_padded" points=4
kernel = cuda.RawKernel(transpose_padded, "transpose_padded")
expect(kernel, transpose_call).correct(
    transpose_wanted, sizes=(1, 5, 32, 33, 70)
).no_reports()
traffic = expect(kernel, transpose_call, measured=64)
assert traffic.wavefronts() == 1.0
assert traffic.sectors_per_request("in", load=True) <= 4.5
assert traffic.sectors_per_request("out", store=True) <= 4.5
assert traffic.shared_requests() <= 3 * 64 * 96 // 32
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("transpose_padded")


def any_shape(size, chance):
    """`size` rows, and any number of columns."""
    return transposing(size, int(chance.integers(1, 100)), chance)


sizes = (1, 2, 9, 31, 32, 33, 40, 64, 70, 100)
expect(kernel, any_shape, rng=draw).correct(transpose_wanted, sizes=sizes).no_reports()
whole = expect(kernel, transpose_call, rng=draw)
whole.correct(transpose_wanted, sizes=(32, 64, 96, 32, 64)).no_reports()
for size in (32, 64, 96, 128, 160, 192):
    traffic = expect(kernel, transpose_call, rng=draw, measured=size)
    traffic.wavefronts() == 1.0
    traffic.sectors_per_request("in", load=True) <= 4.5
    traffic.sectors_per_request("out", store=True) <= 4.5
    pieces = size * (size + 32) // 32
    traffic.requests("in", load=True) <= pieces
    traffic.requests("out", store=True) <= pieces
    traffic.shared_requests() <= 3 * pieces
### END HIDDEN TESTS

# %% mistake="transpose_padded" active="py" name="one thread at a time"
# Each request to your tile has one thread in it, so none has a conflict. How many requests does a column take now?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols) {
      float value = 0.0f;
      for (int lane = 0; lane < 32; ++lane)
        if (threadIdx.x == lane) value = tile[threadIdx.x][threadIdx.y + j];
      out[(y + j) * rows + x] = value;
    }
}
"""

# %% mistake="transpose_padded" active="py" name="the column is one bank"
# How many words lie between tile[0][0] and tile[1][0], and in which bank is the second one?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_padded" active="py" name="pads until rows are aligned again"
# Your rows start at multiples of 16 bytes again. In how many different banks do the 32 elements of a column lie now?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][36];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_padded" active="py" name="moves the conflict to global memory"
# The banks are free of conflicts, because you read the tile by rows. Where do the 32 values of such a row go in the output?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][33];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.x * 32 + threadIdx.x;
  y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      out[x * rows + y + j] = tile[threadIdx.y + j][threadIdx.x];
}
"""

# %% mistake="transpose_padded" active="py" name="no barrier"
# Without conflicts the warps run at their own pace. What makes a warp that reads wait for the one that writes?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][33];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}
"""

# %% mistake="transpose_padded" active="py" name="two row lengths"
# With which row length do you write the tile, and with which do you read it?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32 * 33];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[(threadIdx.y + j) * 32 + threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = tile[threadIdx.x * 33 + threadIdx.y + j];
}
"""

# %% mistake="transpose_padded" active="py" name="swizzles on one side only"
# Where did you put the element of row 5 and column 9 of the tile, and where do you look for it?
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  int x = blockIdx.x * 32 + threadIdx.x;
  int y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] =
        tile[threadIdx.x][(threadIdx.y + j) ^ threadIdx.x];
}
"""

# %% accepts="transpose_padded" active="py" name="xor instead of a pad"
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ float tile[32][32];
  const int t = threadIdx.x;
  const int left = blockIdx.x * 32, top = blockIdx.y * 32;
  for (int r = threadIdx.y; r < 32; r += 8)
    if (left + t < cols && top + r < rows)
      tile[r][t ^ r] = in[(top + r) * cols + left + t];
  __syncthreads();
  for (int r = threadIdx.y; r < 32; r += 8)
    if (top + t < rows && left + r < cols)
      out[(left + r) * rows + top + t] = tile[t][r ^ t];
}
"""

# %% accepts="transpose_padded" active="py" name="fills by columns, one array"
transpose_padded = r"""
extern "C" __global__
void transpose_padded(const float* __restrict__ a, float* __restrict__ b,
                      int m, int n) {
  constexpr int SIDE = 32, PITCH = SIDE + 1;
  __shared__ float part[SIDE * PITCH];
  unsigned col = blockIdx.x * SIDE + threadIdx.x;
  unsigned row = blockIdx.y * SIDE + threadIdx.y;
#define STEPS for (unsigned k = 0; k < SIDE; k += blockDim.y)
  STEPS {
    if (col < n && row + k < m)
      part[threadIdx.x * PITCH + threadIdx.y + k] = a[(row + k) * n + col];
  }
  __syncthreads();
  col = blockIdx.y * SIDE + threadIdx.x;
  row = blockIdx.x * SIDE + threadIdx.y;
  STEPS {
    if (col < m && row + k < n)
      b[(row + k) * m + col] = part[(threadIdx.y + k) * PITCH + threadIdx.x];
  }
}
"""

# %% accepts="transpose_padded" active="py" name="pads by 31, in a template"
transpose_padded = r"""
template <int WIDTH>
struct Tile {
  float at[32][WIDTH];
};

extern "C" __global__
void transpose_padded(const float* in, float* out, int rows, int cols) {
  __shared__ Tile<63> t;
  int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
#pragma unroll
  for (int j = 0; j < 32; j += 8)
    if (x < cols && y + j < rows)
      t.at[threadIdx.y + j][threadIdx.x] = in[(y + j) * cols + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x, y = blockIdx.x * 32 + threadIdx.y;
#pragma unroll
  for (int j = 0; j < 32; j += 8)
    if (x < rows && y + j < cols)
      out[(y + j) * rows + x] = t.at[threadIdx.x][threadIdx.y + j];
}
"""

# %% [markdown]
# ## Counted, beside what was published
#
# Greg Ruetsch and Paulius Micikevicius took these steps in "Optimizing Matrix Transpose in CUDA" (NVIDIA, 2009), for devices with 16 banks.
# NVIDIA's guides take them again, for 32 ({claim}`transpose-banks`). Below are the guides' statements, and the counts of the kernels of this page: your two among them.

# %%
copy_code = naive_code.replace("x * rows + y + j", "(y + j) * cols + x")
ladder = (
    ("copy", copy_code, "transpose", "4 transactions each way"),
    ("naive", naive_code, "transpose", "loads fine, stores use 12.5 %"),
    ("tiled", transpose_tiled, "transpose_tiled", "fine; 32-way conflict"),
    ("padded", transpose_padded, "transpose_padded", "fine; no conflict"),
)
matrix = np.arange(128.0 * 96, dtype=np.float32).reshape(128, 96)
arguments = (matrix, np.zeros((96, 128), "f4"), np.int32(128), np.int32(96))

# %%
print("        load  store  passes  global bytes  published")
for step, code, name, published in ladder:
    with cuda.use("metrics"):
        report = cuda.RawKernel(code, name)((3, 4), (32, 8), arguments)
    load = report.sectors_per_request("in")
    store = report.sectors_per_request("out")
    shared = [row.per_request for row in report.select(space="shared")]
    worst = f"{max(shared):.0f}" if shared else "-"
    print(f"{step:6}  {load:4.0f}  {store:5.0f}  {worst:>6}"
          f"  {report.global_bytes:12,}  {published}")

# %% [markdown]
# The padded transpose asks global memory for exactly what the copy asks for, and shared memory for one pass each time: in bytes and in passes there is nothing left to save.
# Whether it also takes the time of a copy, only a device can say.
# (`passes` is the worse of the two sides of the tile; the array that receives the copy has another shape, which changes no count.)

# %% [markdown]
# ## Defend it
#
# <details><summary>1. Without shared memory: would you rather read along columns, or write along columns?</summary>
#
# The counts are the same: 36 sectors for a pair of requests, either way.
# The difference lies in caches and waiting. A sector that was read for one float may still be in the L1 cache when the block's other rows want the rest of it, but the thread waits for its load.
# A store is not waited for. Partial sectors can be joined in the L2 cache.
# So say that it depends on the device, and measure both: it is two lines of change.
# </details>
#
# <details><summary>2. Why 32 x 8 threads for a tile of 32 x 32?</summary>
#
# Each thread moves four elements: the index is computed once, and four independent loads can be under way before the barrier, if the compiler unrolls the loop and moves them ahead of the stores.
# A block of 256 threads is also easier to place than one of 1,024: where a multiprocessor holds 2,048 threads (and registers allow it), eight of them fit instead of two, and while one waits at its barrier, seven go on.
# </details>
#
# <details><summary>3. The naive stores touch eight times the sectors they need. Will the kernel be that much slower?</summary>
#
# No: a count of requests is not a time. The loads are as before, so the sum of both sides grows from 8 to 36 sectors, 4.5 times.
# And if `rows` is a multiple of 8, the eight warps of a block write the eight floats of the same sectors, close in time. If these sectors are still in the L2 cache, they go to memory once and full.
# What remains is the work of 32 sectors per request between the multiprocessor and that cache. Whether this is the limit, a profiler must say.
# </details>
#
# <details><summary>4. A pad or a swizzle: what speaks for which?</summary>
#
# The pad costs 128 bytes a tile, 3 %, and no instruction. But its rows of 132 bytes no longer start at multiples of 16: a `float4` into row 1 is misaligned.
# A swizzle stores the element of row `r` and column `c` at `tile[r][c ^ r]`: no memory, one exclusive or, and rows that keep their alignment.
# With 16-byte accesses one swaps groups of four words instead of single ones; the tensor copies of compute capability 9.0 (TMA) can do that on the way into shared memory.
# </details>
#
# <details><summary>5. The elements become 16-bit. What happens to your tile of 32 x 33?</summary>
#
# A request for 32 neighbors is now 64 bytes: two sectors, all of them used, but half the bytes per request. So take tiles of 64 x 64 and move two elements at a time. The work is in the middle: a pair along a row is not a pair along a column, so each thread takes two rows and exchanges halves.
# Rows of 33 halves are 66 bytes, so they start in the middle of a word every other time. Reading column 0 then takes one pass, and reading column 1 two: try `bank_conflict([(33 * t + c) // 2 for t in range(32)])`.
# Two threads that write halves of the same word are no conflict either. The rule is about words, not elements.
# </details>
#
# <details><summary>6. All counts are those of a copy, and the device says 85 % of a copy. Where do you look?</summary>
#
# First at the tail: small matrices, and tiles that stick out. Then at the barrier: too few blocks on a multiprocessor to go on while one waits, which registers and shared memory decide.
# Then at the bytes under way (next question), and at the copy you compare with: does it fit into the L2 cache?
# In 2009 the next suspect was the memory's channels: neighboring blocks write `32 * rows` floats apart, and with a power of two these places fell into few of them. Ruetsch and Micikevicius called that partition camping and walked the blocks along diagonals. It is the last suspect today, and its test is still cheap: make the rows of the output 32 floats longer and measure again.
# And ask whether the transpose is needed: a matrix product that reads its operand as it lies needs no pass over memory for it.
# </details>
#
# <details><summary>7. How many bytes must be under way to keep the memory busy?</summary>
#
# Bandwidth times latency (Little's law). At the 1,555 GB/s of an A100 ({claim}`a100-peaks`) and, say, 500 ns (assumed: measure yours) that is 780 KB, or 7 KB for each of its 108 multiprocessors ({claim}`a100-sm`).
# 2,048 threads with one float each have 8 KB under way: just enough, at full occupancy. At a quarter of it each thread needs four floats.
# That is what `float4` and unrolled loads buy, besides fewer instructions.
# </details>

# %% [markdown]
# ## Take away
#
# - Count the sectors of one request on paper: 4 for neighboring floats, 5 if shifted, up to 32 if apart.
# - `float4` saves requests, not bytes; it needs multiples of 16 and an answer for the last three elements.
# - What must be turned is turned in a tile of shared memory, with a barrier that every thread reaches.
# - 32 banks, one word each: an odd row length makes columns free; the same word is free anyway.
# - Bounds and row length change with the orientation: test a matrix that is neither square nor a multiple of 32.
