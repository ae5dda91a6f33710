// Wrong: lanes without a neighbor on the left add their own value.
// Stands for: scan_shuffle
// Caught by: value
constexpr unsigned ALL = 0xffffffffu;

__device__ __forceinline__ float warp_scan(float value, int lane) {
  for (int step = 1; step < 32; step *= 2) {
    float before = __shfl_up_sync(ALL, value, step);
    value += before;
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
