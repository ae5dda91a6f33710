// Wrong: forgets the block; every block adds the same first elements.
// Stands for: vector_add
// Caught by: value, data-race
extern "C" __global__ void vector_add(const float* a, const float* b, float* out, int n) {
  int i = threadIdx.x;
  if (i < n) out[i] = a[i] + b[i];
}
