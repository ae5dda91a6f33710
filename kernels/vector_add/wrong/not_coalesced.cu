// Wrong: right values, but each thread takes a stretch of neighbors, so a warp touches 32 sectors.
// Stands for: vector_add_grid_stride
// Caught by: sectors
extern "C" __global__ void vector_add_grid_stride(const float* a, const float* b, float* out, int n) {
  int threads = gridDim.x * blockDim.x, each = (n + threads - 1) / threads;
  int first = (blockIdx.x * blockDim.x + threadIdx.x) * each;
  for (int i = first; i < first + each && i < n; i++) out[i] = a[i] + b[i];
}
