// Wrong: code for devices before Volta: lanes of a warp no longer run in step.
// Stands for: reduce_last_warp
// Caught by: data-race
__device__ __forceinline__ float two_elements(const float* in, int n) {
  int i = blockIdx.x * blockDim.x * 2 + threadIdx.x, j = i + blockDim.x;
  float sum = i < n ? in[i] : 0.f;
  if (j < n) sum += in[j];
  return sum;
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
    volatile float* v = part;
    v[t] += v[t + 32];
    v[t] += v[t + 16];
    v[t] += v[t + 8];
    v[t] += v[t + 4];
    v[t] += v[t + 2];
    v[t] += v[t + 1];
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
