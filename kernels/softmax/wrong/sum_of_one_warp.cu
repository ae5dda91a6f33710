// Wrong: the sum of the first warp stands for all.
// Stands for: softmax_three_pass
// Caught by: value
constexpr unsigned ALL = 0xffffffffu;

__device__ __forceinline__ float warp_max(float v) {
  for (int step = 16; step > 0; step /= 2) v = fmaxf(v, __shfl_xor_sync(ALL, v, step));
  return v;
}
__device__ __forceinline__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(ALL, v, step);
  return v;
}

extern "C" __global__ void softmax_three_pass(const float* in, float* out, int rows, int cols) {
  __shared__ float of_warp[32];
  int t = threadIdx.x, lane = t % 32, warp = t / 32, warps = blockDim.x / 32;
  const float* row = in + (size_t)blockIdx.x * cols;
  float most = -INFINITY;
  for (int i = t; i < cols; i += blockDim.x) most = fmaxf(most, row[i]);
  most = warp_max(most);
  if (lane == 0) of_warp[warp] = most;
  __syncthreads();
  for (int w = 0; w < warps; w++) most = fmaxf(most, of_warp[w]);
  __syncthreads();
  float sum = 0.f;
  for (int i = t; i < cols; i += blockDim.x) sum += __expf(row[i] - most);
  sum = warp_sum(sum);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  sum = 0.f;
  for (int w = 0; w < warps; w++) sum = of_warp[0];
  for (int i = t; i < cols; i += blockDim.x) out[(size_t)blockIdx.x * cols + i] = __expf(row[i] - most) / sum;
}
