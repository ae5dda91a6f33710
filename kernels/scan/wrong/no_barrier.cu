// Wrong: the next step reads what is not written yet.
// Stands for: scan_hillis_steele
// Caught by: data-race
constexpr unsigned ALL = 0xffffffffu;

extern "C" __global__ void scan_hillis_steele(const float* in, float* out, float* sums, int n) {
  extern __shared__ float buffer[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  float *now = buffer, *next = buffer + blockDim.x;
  now[t] = i < n ? in[i] : 0.f;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    next[t] = t >= step ? now[t] + now[t - step] : now[t];
    float* other = now;
    now = next;
    next = other;
  }
  if (i < n) out[i] = now[t];
  if (t == blockDim.x - 1) sums[blockIdx.x] = now[t];
}
