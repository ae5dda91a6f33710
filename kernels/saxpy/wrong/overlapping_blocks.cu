// Wrong: blocks start half a block apart, so most elements are updated twice.
// Stands for: saxpy
// Caught by: value, data-race
extern "C" __global__ void saxpy(float alpha, const float* x, float* y, int n) {
  int i = blockIdx.x * (blockDim.x / 2) + threadIdx.x;
  if (i < n) y[i] = alpha * x[i] + y[i];
}
