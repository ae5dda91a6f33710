// Wrong: the fence holds for the block alone; the last block is another one.
// Stands for: reduce_last_block
// Caught by: data-race
constexpr unsigned ALL = 0xffffffffu;

__device__ __forceinline__ float two_elements(const float* in, int n) {
  int i = blockIdx.x * blockDim.x * 2 + threadIdx.x, j = i + blockDim.x;
  float sum = i < n ? in[i] : 0.f;
  if (j < n) sum += in[j];
  return sum;
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

__device__ unsigned finished = 0;

// part: one float a block; out: one float.
extern "C" __global__ void reduce_last_block(const float* in, volatile float* part, float* out, int n) {
  __shared__ float of_warp[32];
  __shared__ bool last;
  float sum = block_sum(two_elements(in, n), of_warp);
  if (threadIdx.x == 0) {
    part[blockIdx.x] = sum;
    __threadfence_block();
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
