// Wrong: one place for every two threads.
// Stands for: reduce_sequential
// Caught by: out-of-bounds
extern "C" __global__ void reduce_sequential(const float* in, float* out, int n) {
  __shared__ float part[64];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
