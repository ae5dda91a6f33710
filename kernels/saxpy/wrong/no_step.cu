// Wrong: the loop of the grid never moves on.
// Stands for: saxpy_grid_stride
// Caught by: endless-loop
extern "C" __global__ void saxpy_grid_stride(float alpha, const float* x, float* y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;) y[i] = alpha * x[i] + y[i];
}
