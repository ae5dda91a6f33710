// Softmax of each row of a rows x cols matrix.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin softmax.cu
//
// softmax_three_pass  a block a row: maximum, sum of exponentials, division; the row is read 3 times
// softmax_online      a warp a row: maximum and sum in one pass (Milakov and Gimelshein, 2018)
// Blocks of a multiple of 32 threads; the second takes one row a warp.

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
  for (int w = 0; w < warps; w++) sum += of_warp[w];
  for (int i = t; i < cols; i += blockDim.x) out[(size_t)blockIdx.x * cols + i] = __expf(row[i] - most) / sum;
}

extern "C" __global__ void softmax_online(const float* in, float* out, int rows, int cols) {
  int lane = threadIdx.x % 32, r = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  if (r >= rows) return;
  const float* row = in + (size_t)r * cols;
  float most = -INFINITY, sum = 0.f;
  for (int i = lane; i < cols; i += 32) {
    float larger = fmaxf(most, row[i]);
    sum = sum * __expf(most - larger) + __expf(row[i] - larger);
    most = larger;
  }
  float of_row = warp_max(most);
  sum = warp_sum(most == -INFINITY ? 0.f : sum * __expf(most - of_row));
  for (int i = lane; i < cols; i += 32) out[(size_t)r * cols + i] = __expf(row[i] - of_row) / sum;
}
