// counts[v] += how often v occurs among n bytes; 256 counts. counts starts at zero.
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin histogram.cu
//
// histogram_global  one atomic in global memory per byte: common values queue up
// histogram_shared  one histogram a block in shared memory, added to the result at the end
// Blocks of 256 threads for the second, any for the first.

extern "C" __global__ void histogram_global(const unsigned char* values, int* counts, int n) {
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) atomicAdd(&counts[values[i]], 1);
}

extern "C" __global__ void histogram_shared(const unsigned char* values, int* counts, int n) {
  __shared__ int of_block[256];
  of_block[threadIdx.x] = 0;
  __syncthreads();
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  if (of_block[threadIdx.x] > 0) atomicAdd(&counts[threadIdx.x], of_block[threadIdx.x]);
}
