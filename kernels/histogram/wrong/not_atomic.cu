// Wrong: two threads may read the same count before either writes it.
// Stands for: histogram_global
// Caught by: data-race
extern "C" __global__ void histogram_global(const unsigned char* values, int* counts, int n) {
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) counts[values[i]] += 1;
}
