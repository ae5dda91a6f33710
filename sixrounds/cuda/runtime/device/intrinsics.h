// Loads with cache hints, dot products, bit counting and fast math (here: the precise functions).
#pragma once

template <class T> SR_INLINE T __ldg(const T* p) { return *p; }
template <class T> SR_INLINE T __ldcg(const T* p) { return *p; }
template <class T> SR_INLINE T __ldcs(const T* p) { return *p; }
template <class T> SR_INLINE T __ldca(const T* p) { return *p; }
template <class T> SR_INLINE void __stcs(T* p, T v) { *p = v; }
template <class T> SR_INLINE void __stcg(T* p, T v) { *p = v; }

SR_INLINE int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 4; i++) c += (int)(int8_t)(a >> 8 * i) * (int)(int8_t)(b >> 8 * i);
  return c;
}
SR_INLINE unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  for (int i = 0; i < 4; i++) c += (a >> 8 * i & 255) * (b >> 8 * i & 255);
  return c;
}

// By hand: the builtin calls a function of the compiler's own library.
SR_INLINE int __popcll(unsigned long long x) {
  x -= x >> 1 & 0x5555555555555555ull;
  x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
  return (int)(((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full) * 0x0101010101010101ull >> 56);
}
SR_INLINE int __popc(unsigned x) { return __popcll(x); }
SR_INLINE int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
SR_INLINE int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
SR_INLINE int __ffs(int x) { return __builtin_ffs(x); }
SR_INLINE int __ffsll(long long x) { return __builtin_ffsll(x); }
SR_INLINE unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
  return r;
}
SR_INLINE unsigned __byte_perm(unsigned a, unsigned b, unsigned s) {
  unsigned long long both = (unsigned long long)b << 32 | a;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) r |= (unsigned)(both >> 8 * (s >> 4 * i & 7) & 255) << 8 * i;
  return r;
}
SR_INLINE int __mul24(int a, int b) { return a * b; }
SR_INLINE int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
SR_INLINE unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }

SR_INLINE float __expf(float x) { return expf(x); }
SR_INLINE float __exp10f(float x) { return powf(10.f, x); }
SR_INLINE float __logf(float x) { return logf(x); }
SR_INLINE float __log2f(float x) { return log2f(x); }
SR_INLINE float __log10f(float x) { return log10f(x); }
SR_INLINE float __powf(float x, float y) { return powf(x, y); }
SR_INLINE float __sinf(float x) { return sinf(x); }
SR_INLINE float __cosf(float x) { return cosf(x); }
SR_INLINE float __tanf(float x) { return tanf(x); }
SR_INLINE float __fdividef(float a, float b) { return a / b; }
SR_INLINE float __fdiv_rn(float a, float b) { return a / b; }
SR_INLINE float __fadd_rn(float a, float b) { return a + b; }
SR_INLINE float __fmul_rn(float a, float b) { return a * b; }
SR_INLINE float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
SR_INLINE float __frcp_rn(float x) { return 1.f / x; }
SR_INLINE float __fsqrt_rn(float x) { return sqrtf(x); }
SR_INLINE float __frsqrt_rn(float x) { return 1.f / sqrtf(x); }
SR_INLINE float __saturatef(float x) { return x > 0.f ? (x < 1.f ? x : 1.f) : 0.f; }
SR_INLINE float rsqrtf(float x) { return 1.f / sqrtf(x); }
SR_INLINE double rsqrt(double x) { return 1. / sqrt(x); }

SR_INLINE int __float_as_int(float x) { return sr_unbits<int>(sr_bits(x)); }
SR_INLINE unsigned __float_as_uint(float x) { return (unsigned)sr_bits(x); }
SR_INLINE float __int_as_float(int x) { return sr_unbits<float>((uint32_t)x); }
SR_INLINE float __uint_as_float(unsigned x) { return sr_unbits<float>(x); }
SR_INLINE long long __double_as_longlong(double x) { return (long long)sr_bits(x); }
SR_INLINE double __longlong_as_double(long long x) { return sr_unbits<double>((uint64_t)x); }
// Conversions to int saturate on the device; a cast out of range is undefined on the host.
SR_INLINE int sr_to_int(float x) {
  return x != x ? 0 : x >= 2147483648.f ? 2147483647 : x < -2147483648.f ? -2147483647 - 1 : (int)x;
}
SR_INLINE int __float2int_rn(float x) { return sr_to_int(nearbyintf(x)); }
SR_INLINE int __float2int_rz(float x) { return sr_to_int(truncf(x)); }
SR_INLINE int __float2int_rd(float x) { return sr_to_int(floorf(x)); }
SR_INLINE int __float2int_ru(float x) { return sr_to_int(ceilf(x)); }
SR_INLINE float __int2float_rn(int x) { return (float)x; }

// As in CUDA, of a number and a NaN the number is given.
template <class A, class B> SR_INLINE constexpr typename std::common_type<A, B>::type min(A a, B b) {
  using T = typename std::common_type<A, B>::type;
  if constexpr (std::is_floating_point<T>::value) return (T)a != (T)a ? (T)b : (T)b < (T)a ? (T)b : (T)a;
  else return a < b ? a : b;
}
template <class A, class B> SR_INLINE constexpr typename std::common_type<A, B>::type max(A a, B b) {
  using T = typename std::common_type<A, B>::type;
  if constexpr (std::is_floating_point<T>::value) return (T)a != (T)a ? (T)b : (T)b > (T)a ? (T)b : (T)a;
  else return a > b ? a : b;
}

// CUDA has these for float and double under one name; the C library has them for double.
using std::abs; using std::ceil; using std::cos; using std::exp; using std::exp2; using std::fabs;
using std::floor; using std::fma; using std::fmax; using std::fmin; using std::log; using std::log2;
using std::pow; using std::rint; using std::round; using std::sin; using std::sqrt; using std::tanh;
using std::trunc;
template <class T> SR_INLINE bool isnan(T x) { return x != x; }
template <class T> SR_INLINE bool isinf(T x) { return __builtin_isinf(x); }
template <class T> SR_INLINE bool isfinite(T x) { return __builtin_isfinite(x); }
template <class T> SR_INLINE bool signbit(T x) { return __builtin_signbit(x); }

#define CUDART_INF_F __builtin_inff()
#define CUDART_INF __builtin_inf()
#define CUDART_NAN_F __builtin_nanf("")
#define CUDART_PI_F 3.141592654f
