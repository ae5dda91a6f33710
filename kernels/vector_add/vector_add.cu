// out[i] = a[i] + b[i]
//
// Compile: nvcc -std=c++17 -arch=sm_80 -cubin vector_add.cu
//
// vector_add              one thread an element; the last block is only partly needed
// vector_add_grid_stride  any grid fits any size: a thread takes every so-manieth element
// vector_add_float4       four elements a thread in one 16-byte access; the rest one by one

extern "C" __global__ void vector_add(const float* a, const float* b, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = a[i] + b[i];
}

extern "C" __global__ void vector_add_grid_stride(const float* a, const float* b, float* out, int n) {
  int step = gridDim.x * blockDim.x;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) out[i] = a[i] + b[i];
}

// Needs arrays that start at a multiple of 16 bytes.
extern "C" __global__ void vector_add_float4(const float* a, const float* b, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n / 4) {
    float4 x = reinterpret_cast<const float4*>(a)[i];
    float4 y = reinterpret_cast<const float4*>(b)[i];
    reinterpret_cast<float4*>(out)[i] = make_float4(x.x + y.x, x.y + y.y, x.z + y.z, x.w + y.w);
  }
  int rest = n / 4 * 4 + i;
  if (rest < n) out[rest] = a[rest] + b[rest];
}
