// Wrong: the first warp reads sums that other warps have not stored.
// Stands for: reduce_shuffle
// Caught by: data-race, uninitialized
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
  if (warp == 0) value = warp_sum(lane < blockDim.x / 32 ? of_warp[lane] : 0.f);
  return value;
}

extern "C" __global__ void reduce_shuffle(const float* in, float* out, int n) {
  __shared__ float of_warp[32];
  float sum = block_sum(two_elements(in, n), of_warp);
  if (threadIdx.x == 0) out[blockIdx.x] = sum;
}
