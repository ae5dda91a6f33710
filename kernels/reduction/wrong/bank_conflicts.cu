// Wrong: right values, but the stride makes lanes meet in few banks.
// Stands for: reduce_sequential
// Caught by: wavefronts
extern "C" __global__ void reduce_sequential(const float* in, float* out, int n) {
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
