// Inclusive prefix sums: out[i] = in[0] + … + in[i]. Each block scans its own part; sums[block] is
// its total. scan_add then adds what the blocks before a block sum up to.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin scan.cu
//
// scan_hillis_steele  log n steps with two buffers; n log n additions
// scan_blelloch       up and down a tree: 2 n additions; padded against bank conflicts
// scan_shuffle        by warps in registers, then over the warps' sums
// scan_add            second pass: `before` holds the inclusive scan of the blocks' sums
// Blocks are powers of two of at least 32 threads. Dynamic shared memory: two floats a thread.

constexpr unsigned ALL = 0xffffffffu;

extern "C" __global__ void scan_hillis_steele(const float* in, float* out, float* sums, int n) {
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

// One empty place after every 32: lanes that are 2, 4, 8 … apart get different banks.
__device__ __forceinline__ int padded(int i) { return i + i / 32; }

extern "C" __global__ void scan_blelloch(const float* in, float* out, float* sums, int n) {
  extern __shared__ float tree[];
  int t = threadIdx.x, size = blockDim.x, i = blockIdx.x * size + t;
  float own = i < n ? in[i] : 0.f;
  tree[padded(t)] = own;
  for (int step = 1; step < size; step *= 2) {
    __syncthreads();
    int right = 2 * step * (t + 1) - 1;
    if (right < size) tree[padded(right)] += tree[padded(right - step)];
  }
  if (t == 0) {  // the last step up was this thread's own
    sums[blockIdx.x] = tree[padded(size - 1)];
    tree[padded(size - 1)] = 0.f;
  }
  for (int step = size / 2; step > 0; step /= 2) {
    __syncthreads();
    int right = 2 * step * (t + 1) - 1;
    if (right < size) {
      float left = tree[padded(right - step)];
      tree[padded(right - step)] = tree[padded(right)];
      tree[padded(right)] += left;
    }
  }
  __syncthreads();
  if (i < n) out[i] = tree[padded(t)] + own;
}

__device__ __forceinline__ float warp_scan(float value, int lane) {
  for (int step = 1; step < 32; step *= 2) {
    float before = __shfl_up_sync(ALL, value, step);
    if (lane >= step) value += before;
  }
  return value;
}

extern "C" __global__ void scan_shuffle(const float* in, float* out, float* sums, int n) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32, i = blockIdx.x * blockDim.x + t;
  float value = warp_scan(i < n ? in[i] : 0.f, lane);
  if (lane == 31) of_warp[warp] = value;
  __syncthreads();
  if (warp == 0) {
    float sum = warp_scan(lane < blockDim.x / 32 ? of_warp[lane] : 0.f, lane);
    of_warp[lane] = sum;
  }
  __syncthreads();
  if (warp > 0) value += of_warp[warp - 1];
  if (i < n) out[i] = value;
  if (t == blockDim.x - 1) sums[blockIdx.x] = value;
}

extern "C" __global__ void scan_add(float* out, const float* before, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && blockIdx.x > 0) out[i] += before[blockIdx.x - 1];
}
