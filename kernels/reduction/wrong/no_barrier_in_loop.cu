// Wrong: the next step starts while others still add.
// Stands for: reduce_sequential
// Caught by: data-race
extern "C" __global__ void reduce_sequential(const float* in, float* out, int n) {
  extern __shared__ float part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2)
    if (t < step) part[t] += part[t + step];
  if (t == 0) out[blockIdx.x] = part[0];
}
