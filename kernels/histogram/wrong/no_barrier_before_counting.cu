// Wrong: some count before others have set to zero.
// Stands for: histogram_shared
// Caught by: data-race
extern "C" __global__ void histogram_shared(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  of_block[threadIdx.x] = 0;
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  if (of_block[threadIdx.x] > 0) atomicAdd(&counts[threadIdx.x], of_block[threadIdx.x]);
}
