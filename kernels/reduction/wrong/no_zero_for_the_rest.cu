// Wrong: threads past n leave their place as it is.
// Stands for: reduce_sequential
// Caught by: uninitialized, value
extern "C" __global__ void reduce_sequential(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  if (i < n) part[t] = in[i];
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) part[t] += part[t + step];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = part[0];
}
