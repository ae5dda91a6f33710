// Wrong: lanes without an entry leave before the shuffles.
// Stands for: spmv_vector
// Caught by: mask-names-absent-lanes
constexpr unsigned ALL = 0xffffffffu;

extern "C" __global__ void spmv_vector(const int* starts, const int* cols, const float* values, const float* x,
                                       float* y, int rows) {
  int lane = threadIdx.x % 32, r = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
  if (r >= rows) return;
  if (starts[r] + lane >= starts[r + 1]) return;
  float sum = 0.f;
  for (int j = starts[r] + lane; j < starts[r + 1]; j += 32) sum += values[j] * x[cols[j]];
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(ALL, sum, step);
  if (lane == 0) y[r] = sum;
}
