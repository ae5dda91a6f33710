// Sum of n floats: each block sums 2 * blockDim.x elements (the first three: blockDim.x) into out[block].
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin reduction.cu
// After: M. Harris, "Optimizing Parallel Reduction in CUDA", NVIDIA, 2007; the end of the ladder
// uses shuffles, since code without __syncwarp in the last warp is wrong from Volta on.
// Blocks are powers of two of at least 64 threads; dynamic shared memory: one float a thread.
//
// reduce_interleaved  neighbors first, by a remainder: warps full of idle lanes
// reduce_strided      the same pairs by the first threads: full warps, but bank conflicts
// reduce_sequential   far pairs first: neither
// reduce_first_add    two elements a thread on loading: no thread idles from the start
// reduce_last_warp    the last 64 values by one warp, with __syncwarp instead of barriers
// reduce_shuffle      registers and shuffles; shared memory for one value a warp
// reduce_last_block   one launch: the block that finishes last sums the blocks' sums

constexpr unsigned ALL = 0xffffffffu;

extern "C" __global__ void reduce_interleaved(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    if (t % (2 * step) == 0) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}

extern "C" __global__ void reduce_strided(const float* in, float* out, int n) {
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

extern "C" __global__ void reduce_sequential(const float* in, float* out, int n) {
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

__device__ __forceinline__ float two_elements(const float* in, int n) {
  int i = blockIdx.x * blockDim.x * 2 + threadIdx.x, j = i + blockDim.x;
  float sum = i < n ? in[i] : 0.f;
  if (j < n) sum += in[j];
  return sum;
}

extern "C" __global__ void reduce_first_add(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x;
  part[t] = two_elements(in, n);
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}

extern "C" __global__ void reduce_last_warp(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x;
  part[t] = two_elements(in, n);
  __syncthreads();
  for (int step = blockDim.x / 2; step > 32; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t < 32) {
    float sum = part[t] + part[t + 32];
    for (int step = 16; step > 0; step /= 2) {
      part[t] = sum;
      __syncwarp();
      sum += part[t ^ step];
      __syncwarp();
    }
    if (t == 0) out[blockIdx.x] = sum;
  }
}

__device__ __forceinline__ float warp_sum(float value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_down_sync(ALL, value, step);
  return value;
}

__device__ __forceinline__ float block_sum(float value, float* of_warp) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  value = warp_sum(value);
  if (lane == 0) of_warp[warp] = value;
  __syncthreads();
  if (warp == 0) value = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return value;
}

extern "C" __global__ void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  float sum = block_sum(two_elements(in, n), of_warp);
  if (threadIdx.x == 0) out[blockIdx.x] = sum;
}

__device__ unsigned finished = 0;

// part: one float a block; out: one float.
extern "C" __global__ void reduce_last_block(const float* in, volatile float* part, float* out, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  float sum = block_sum(two_elements(in, n), of_warp);
  if (threadIdx.x == 0) {
    part[blockIdx.x] = sum;
    __threadfence();  // the sum is seen before the count
    last = atomicAdd(&finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) return;
  float total = 0.f;
  for (int i = threadIdx.x; i < gridDim.x; i += blockDim.x) total += part[i];
  total = block_sum(total, of_warp);
  if (threadIdx.x == 0) {
    *out = total;
    finished = 0;  // ready for the next launch
  }
}
