// One kernel for each part of CUDA that the CPU lanes have; results are compared in test_surface.py.
#include <cuda_runtime.h>
#include <cuda_fp16.h>
#include <cuda_bf16.h>

extern "C" __global__ void indices(int* out) {
  unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] =
      threadIdx.x + 10 * threadIdx.y + 100 * threadIdx.z + 1000 * blockIdx.x + 10000 * blockIdx.y + 100000 * blockIdx.z;
}
extern "C" __global__ void sizes(int* out) {
  dim3 d(3, 2);
  out[0] = d.x * d.y * d.z, out[1] = warpSize, out[2] = sizeof(float4), out[3] = alignof(float4), out[4] = sizeof(float3);
}

__device__ int square(int x) { return x * x; }
struct Pair { int first; float second; };
template <typename T, int N> __global__ void scale(T* data, T by) {
  auto times = [by](T x) { return x * by; };
#pragma unroll
  for (int i = 0; i < N; i++) data[threadIdx.x * N + i] = times(data[threadIdx.x * N + i]);
}
extern "C" __global__ void __launch_bounds__(64) by_value(Pair pair, bool yes, long long big, double* __restrict__ out) {
  out[0] = square(pair.first) + pair.second + yes + (double)big;
}

__constant__ float weights[4] = {1, 2, 3, 4};
__device__ int calls = 0;
extern "C" __global__ void globals(float* out) {
  out[threadIdx.x] = weights[threadIdx.x & 3];
  if (threadIdx.x == 0) calls += 1;
}

extern "C" __global__ void barriers(int* out) {
  int t = threadIdx.x;
  int count = __syncthreads_count(t % 3 == 0), all = __syncthreads_and(t < 1000), any = __syncthreads_or(t == 5);
  int none = __syncthreads_or(t == 5000);
  if (t == 0) out[0] = count, out[1] = all, out[2] = any, out[3] = none;
}
extern "C" __global__ void shuffles(int* out) {
  int t = threadIdx.x;
  out[t] = __shfl_sync(0xffffffffu, t * t, 5);
  out[32 + t] = __shfl_up_sync(0xffffffffu, t, 3);
  out[64 + t] = __shfl_down_sync(0xffffffffu, t, 3);
  out[96 + t] = __shfl_xor_sync(0xffffffffu, t, 6);
  out[128 + t] = __shfl_sync(0xffffffffu, t, 1, 8);
  out[160 + t] = __shfl_down_sync(0xffffffffu, t, 2, 8);
  double wide = __shfl_xor_sync(0xffffffffu, 0.5 + t, 1);
  out[192 + t] = (int)(2 * wide);
}
extern "C" __global__ void votes(unsigned* out) {
  int t = threadIdx.x;
  unsigned all = 0xffffffffu;
  unsigned odd = __ballot_sync(all, t & 1);
  int any = __any_sync(all, t == 7), every = __all_sync(all, t < 32), not_every = __all_sync(all, t < 31);
  unsigned like_me = __match_any_sync(all, t / 8);
  int same;
  unsigned match = __match_all_sync(all, 4, &same), active = __activemask();
  unsigned sum = __reduce_add_sync(all, (unsigned)t);
  int low = __reduce_min_sync(all, t - 16), high = __reduce_max_sync(all, t - 40);
  unsigned bits = __reduce_or_sync(all, 1u << t), part = __reduce_add_sync(all, 1u);
  if (t == 9) {
    unsigned found[] = {odd, (unsigned)any, (unsigned)every, (unsigned)not_every, like_me, match, (unsigned)same,
                        active, sum, (unsigned)low, (unsigned)high, bits, part};
    for (int i = 0; i < 13; i++) out[i] = found[i];
  }
}
extern "C" __global__ void atomics(int* i, unsigned* u, unsigned long long* l, float* f, double* d, half* h) {
  int t = threadIdx.x;
  atomicAdd(&i[0], t), atomicSub(&i[1], t), atomicMax(&i[2], t), atomicMin(&i[3], -t), atomicExch(&i[4], 7);
  atomicAnd(&i[5], ~(1 << t % 8)), atomicOr(&i[6], 1 << t % 8), atomicXor(&i[7], 1);
  atomicCAS(&i[8], t, t + 1);
  atomicInc(&u[0], 9u), atomicDec(&u[1], 9u);
  atomicAdd(&l[0], 1ull << 40), atomicMax(&l[1], (unsigned long long)t << 33);
  atomicAdd(f, 0.5f), atomicAdd(d, 0.25), atomicAdd(h, __float2half(1.f));
}
extern "C" __global__ void vectors(const float4* in, float2* out, uchar4* bytes) {
  float4 v = in[threadIdx.x];
  out[threadIdx.x] = make_float2(v.x + v.y, v.z + v.w);
  uchar4 b = bytes[threadIdx.x];
  bytes[threadIdx.x] = make_uchar4(b.w, b.z, b.y, b.x);
}
extern "C" __global__ void halves(const half* a, half* sum, half* fused, float* wide, half2* pair) {
  int t = threadIdx.x;
  sum[t] = __hadd(a[t], a[t]) * __float2half(0.5f) - a[t] / half(4.f);
  fused[t] = __hfma(a[t], a[t], a[t]);
  wide[t] = __half2float(a[t]);
  pair[t] = __hadd2(__floats2half2_rn(t, 1), __halves2half2(a[t], a[t]));
}
extern "C" __global__ void bfloats(const float* in, __nv_bfloat16* out) {
  out[threadIdx.x] = __float2bfloat16(in[threadIdx.x]) + __nv_bfloat16(1.f);
}
extern "C" __global__ void bits(const int* in, int* out) {
  int x = in[0], y = in[1];
  out[0] = __dp4a(x, y, 5), out[1] = __popc(x), out[2] = __clz(y), out[3] = __ffs(x), out[4] = __clz(0);
  out[5] = (int)__brev(1u), out[6] = (int)__byte_perm(0x03020100, 0x07060504, 0x7531), out[7] = __mulhi(1 << 30, 8);
  out[8] = __float_as_int(1.f), out[9] = __float2int_rn(2.5f), out[10] = __float2int_rz(-2.7f), out[11] = __float2int_rn(1e20f);
  out[12] = min(3, 5), out[13] = max(3u, 5u), out[14] = __popcll(0xff00000000ull), out[15] = __ldg(&in[1]);
}
extern "C" __global__ void maths(const float* in, float* out) {
  float x = in[threadIdx.x];
  float* o = out + threadIdx.x * 8;
  o[0] = __expf(x), o[1] = __logf(x), o[2] = rsqrtf(x), o[3] = __fdividef(1.f, x);
  o[4] = fmaf(x, x, x), o[5] = __saturatef(x), o[6] = tanhf(x), o[7] = __powf(x, 1.5f);
}
extern "C" __global__ void shared_of_all_kinds(float* out) {
  extern __shared__ float dynamic[];
  __shared__ float4 wide[8];
  __shared__ half small[32];
  __shared__ struct { int a; float b; } record;
  int t = threadIdx.x;
  dynamic[t] = t;
  small[t] = __float2half(t);
  if (t < 8) wide[t] = make_float4(t, t, t, t);
  if (t == 0) record.a = 5, record.b = 0.5f;
  __syncthreads();
  out[t] = dynamic[31 - t] + wide[t / 4].x + __half2float(small[t]) + record.a + record.b;
}
extern "C" __global__ void prints(int n) {
  if (threadIdx.x < n) printf("thread %d of %s, %.2f\n", threadIdx.x, "many", 1.5);
}
