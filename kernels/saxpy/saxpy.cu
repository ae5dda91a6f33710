// y[i] = alpha * x[i] + y[i]
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin saxpy.cu
//
// saxpy              one thread an element
// saxpy_grid_stride  a grid of any size

extern "C" __global__ void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = alpha * x[i] + y[i];
}

extern "C" __global__ void saxpy_grid_stride(float alpha, const float* x, float* y, int n) {
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) y[i] = alpha * x[i] + y[i];
}
