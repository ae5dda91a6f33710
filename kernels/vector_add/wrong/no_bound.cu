// Wrong: the threads of the last block past n are not held back.
// Stands for: vector_add
// Caught by: out-of-bounds
extern "C" __global__ void vector_add(const float* a, const float* b, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = a[i] + b[i];
}
