// Small faults, one a kernel; `// HERE` marks the line a report must name.
#include <cuda_runtime.h>

extern "C" __global__ void race_in_shared(float* out) {
  __shared__ float tile[64];
  tile[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = tile[63 - threadIdx.x];  // HERE race_in_shared
}
extern "C" __global__ void race_in_warp(float* out) {
  __shared__ float tile[32];
  tile[threadIdx.x] = threadIdx.x;
  __syncthreads();
  float left = tile[(threadIdx.x + 1) % 32];
  tile[threadIdx.x] = left;  // HERE race_in_warp
  out[threadIdx.x] = left;
}
extern "C" __global__ void race_of_blocks(float* out) {
  if (threadIdx.x == 0) out[0] += 1;  // HERE race_of_blocks
}
extern "C" __global__ void half_synced(float* out) {
  __shared__ float tile[32];
  tile[threadIdx.x] = threadIdx.x;
  __syncwarp(threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u);
  out[threadIdx.x] = tile[31 - threadIdx.x];  // HERE half_synced
}
extern "C" __global__ void half_synced_well(float* out) {
  __shared__ float tile[32];
  tile[threadIdx.x] = threadIdx.x;
  __syncwarp(threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u);
  out[threadIdx.x] = tile[threadIdx.x ^ 15];
}
extern "C" __global__ void byte_neighbors(unsigned char* out) {
  __shared__ unsigned char tile[64];
  tile[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x];
}
extern "C" __global__ void locked(int* lock, int* sum) {
  if (threadIdx.x % 32 == 0) {
    while (atomicCAS(lock, 0, 1) != 0) {}
    __threadfence();
    *sum += 1;
    __threadfence();
    atomicExch(lock, 0);
  }
}
extern "C" __global__ void lock_without_fence(int* lock, int* sum) {
  if (threadIdx.x % 32 == 0) {
    while (atomicCAS(lock, 0, 1) != 0) {}
    *sum += 1;  // HERE lock_without_fence
    atomicExch(lock, 0);
  }
}
extern "C" __global__ void far_outside(float* out) {
  out[threadIdx.x + (1 << 24)] = 1;  // HERE far_outside
}
extern "C" __global__ void before_start(float* out) {
  out[(int)threadIdx.x - 1] = 1;  // HERE before_start
}
extern "C" __global__ void null_pointer(float* out) {
  float* p = (float*)(long)out[0];
  p[threadIdx.x] = 1;  // HERE null_pointer
}
extern "C" __global__ void wild_pointer(float* out) {
  float* p = (float*)0x123456789abcull;
  p[threadIdx.x] = out[0];  // HERE wild_pointer
}
extern "C" __global__ void misaligned(float* out) {
  float4* p = reinterpret_cast<float4*>(out + 1);
  *p = make_float4(1, 2, 3, 4);  // HERE misaligned
}
extern "C" __global__ void uninitialized(float* out) {
  __shared__ float tile[32];
  if (threadIdx.x < 16) tile[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x];  // HERE uninitialized
}
extern "C" __global__ void no_dynamic(float* out) {
  extern __shared__ float buffer[];
  buffer[threadIdx.x] = 1;  // HERE no_dynamic
}
__constant__ float fixed[4] = {1, 2, 3, 4};
extern "C" __global__ void write_constant(float* out) {
  float* p = const_cast<float*>(fixed);
  p[threadIdx.x] = 1;  // HERE write_constant
}
extern "C" __global__ void divergent(float* out) {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();  // HERE divergent
  }
  out[threadIdx.x] = 1;
}
extern "C" __global__ void early_exit(float* out, int n) {
  if (threadIdx.x >= n) return;
  __syncthreads();  // HERE early_exit
  out[threadIdx.x] = 1;
}
extern "C" __global__ void mask_without_me(float* out) {
  float v = threadIdx.x;
  out[threadIdx.x] = __shfl_down_sync(0x0000ffffu, v, 1);  // HERE mask_without_me
}
extern "C" __global__ void mask_of_gone(float* out) {
  if (threadIdx.x >= 16) return;
  out[threadIdx.x] = __shfl_down_sync(0xffffffffu, (float)threadIdx.x, 1);  // HERE mask_of_gone
}
extern "C" __global__ void never_met(float* out) {
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_down_sync(0xffffffffu, 1.f, 1);  // HERE never_met
  } else {
    __syncthreads();
  }
  __syncthreads();
}
extern "C" __global__ void bad_width(float* out) {
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.f, 1, 7);  // HERE bad_width
}
extern "C" __global__ void spins(int* flag) {
  while (atomicAdd(flag, 0) == 0) {}  // HERE spins
}
extern "C" __global__ void spins_silently(int* flag) {
  volatile int i = 1;
  while (i) i = 1;  // HERE spins_silently
}
extern "C" __global__ void divides(int* out, int d) {
  out[threadIdx.x] = 10 / (d - (int)threadIdx.x);  // HERE divides
}
__device__ int deep(int n, int* out) {
  volatile int room[64];
  room[n & 63] = n;
  return n == 0 ? out[0] : deep(n + 1, out) + room[n & 63];  // HERE recursion
}
extern "C" __global__ void recursion(int* out) {
  out[threadIdx.x] = deep(1, out);
}
extern "C" __global__ void asserts(float* out, int n) {
  assert(threadIdx.x < n);  // HERE asserts
  out[threadIdx.x] = 1;
}
