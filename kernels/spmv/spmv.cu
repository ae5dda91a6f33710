// y = A x for a sparse matrix in CSR form: row r has the entries starts[r] to starts[r + 1] - 1.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin spmv.cu
// After: N. Bell and M. Garland, "Efficient Sparse Matrix-Vector Multiplication on CUDA", 2008.
//
// spmv_scalar  a thread a row: neighbors are far apart, and a warp waits for its longest row
// spmv_vector  a warp a row: neighbors read neighbors, then the lanes' sums are added
// Blocks of a multiple of 32 threads.

constexpr unsigned ALL = 0xffffffffu;

extern "C" __global__ void spmv_scalar(const int* starts, const int* cols, const float* values, const float* x,
                                       float* y, int rows) {
  int r = blockIdx.x * blockDim.x + threadIdx.x;
  if (r >= rows) return;
  float sum = 0.f;
  for (int j = starts[r]; j < starts[r + 1]; j++) sum += values[j] * x[cols[j]];
  y[r] = sum;
}

extern "C" __global__ void spmv_vector(const int* starts, const int* cols, const float* values, const float* x,
                                       float* y, int rows) {
  int lane = threadIdx.x % 32, r = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
  if (r >= rows) return;
  float sum = 0.f;
  for (int j = starts[r] + lane; j < starts[r + 1]; j += 32) sum += values[j] * x[cols[j]];
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(ALL, sum, step);
  if (lane == 0) y[r] = sum;
}
