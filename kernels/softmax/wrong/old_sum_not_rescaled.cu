// Wrong: the sum so far keeps the scale of the old maximum.
// Stands for: softmax_online
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

extern "C" __global__ void softmax_online(const float* in, float* out, int rows, int cols) {
  int lane = threadIdx.x % 32, r = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  if (r >= rows) return;
  const float* row = in + (size_t)r * cols;
  float most = -INFINITY, sum = 0.f;
  for (int i = lane; i < cols; i += 32) {
    float larger = fmaxf(most, row[i]);
    sum = sum + __expf(row[i] - larger);
    most = larger;
  }
  float of_row = warp_max(most);
  sum = warp_sum(most == -INFINITY ? 0.f : sum * __expf(most - of_row));
  for (int i = lane; i < cols; i += 32) out[(size_t)r * cols + i] = __expf(row[i] - of_row) / sum;
}
