// Qualifiers, dim3 and the vector types.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <type_traits>
#include <utility>

#define __CUDACC__ 1
#define __CUDA_ARCH__ 800
#define __global__ __attribute__((noinline))
#define __device__
#define __host__
#define __managed__
// The section tells constants from other globals (its bounds are known to the linker).
#define __constant__ __attribute__((section("sr_constant")))
// One copy per operating-system thread: legal at function scope and as `extern T name[]`, and a
// symbol type of its own, by which shared arrays are found in the object file.
#define __shared__ thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
// As an attribute it may stand before or after __shared__.
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define __restrict__ __restrict
#define warpSize 32
// Always inlined, so that the place of an access is the learner's line.
#define SR_INLINE __attribute__((always_inline)) inline

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef long long longlong;
typedef unsigned long long ulonglong;
typedef signed char schar;

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};

// What the launcher asks of a parameter's type: kind, bytes of a component, components.
template <class T> struct sr_type {
  static constexpr char kind = std::is_floating_point<T>::value ? 'f'
                               : std::is_same<T, bool>::value   ? 'b'
                               : std::is_integral<T>::value     ? (std::is_unsigned<T>::value ? 'u' : 'i')
                               : std::is_enum<T>::value         ? 'i'
                               : std::is_pointer<T>::value      ? 'p'
                                                                : 'x';
  static constexpr int size = sizeof(T), width = 1;
};
template <> struct sr_type<void> { static constexpr char kind = 'o'; static constexpr int size = 1, width = 1; };

#define SR_TYPE(NAME, T, N) \
  template <> struct sr_type<NAME> { static constexpr char kind = sr_type<T>::kind; \
                                     static constexpr int size = sizeof(T), width = N; };

// A copy of an aligned vector is ONE access of its full width, as on the device: it goes through a
// compiler vector type, since plain structs are split into their components.
#define SR_COPY(NAME, T, N) \
  typedef T sr_bits_##NAME __attribute__((vector_size(N * sizeof(T)), may_alias)); \
  NAME(const NAME& o) { *(sr_bits_##NAME*)this = *(const sr_bits_##NAME*)&o; } \
  NAME& operator=(const NAME& o) { *(sr_bits_##NAME*)this = *(const sr_bits_##NAME*)&o; return *this; }
#define SR_VECTOR(T, NAME) \
  struct NAME##1 { T x; }; \
  SR_TYPE(NAME##1, T, 1) \
  static SR_INLINE NAME##1 make_##NAME##1(T x) { return NAME##1{x}; } \
  struct alignas(2 * sizeof(T)) NAME##2 { \
    T x, y; \
    NAME##2() = default; \
    constexpr NAME##2(T a, T b) : x(a), y(b) {} \
    SR_COPY(NAME##2, T, 2) \
  }; \
  SR_TYPE(NAME##2, T, 2) \
  static SR_INLINE NAME##2 make_##NAME##2(T x, T y) { return NAME##2(x, y); } \
  struct NAME##3 { T x, y, z; }; \
  SR_TYPE(NAME##3, T, 3) \
  static SR_INLINE NAME##3 make_##NAME##3(T x, T y, T z) { return NAME##3{x, y, z}; }
// Vectors of 16 bytes at most have four components with that alignment.
#define SR_VECTOR4(T, NAME) \
  SR_VECTOR(T, NAME) \
  struct alignas(4 * sizeof(T)) NAME##4 { \
    T x, y, z, w; \
    NAME##4() = default; \
    constexpr NAME##4(T a, T b, T c, T d) : x(a), y(b), z(c), w(d) {} \
    SR_COPY(NAME##4, T, 4) \
  }; \
  SR_TYPE(NAME##4, T, 4) \
  static SR_INLINE NAME##4 make_##NAME##4(T x, T y, T z, T w) { return NAME##4(x, y, z, w); }

SR_VECTOR4(schar, char)
SR_VECTOR4(uchar, uchar)
SR_VECTOR4(short, short)
SR_VECTOR4(ushort, ushort)
SR_VECTOR4(int, int)
SR_VECTOR4(uint, uint)
SR_VECTOR4(float, float)
SR_VECTOR(longlong, longlong)
SR_VECTOR(ulonglong, ulonglong)
SR_VECTOR(double, double)

template <class T> SR_INLINE uint64_t sr_bits(T value) {
  static_assert(sizeof(T) <= 8, "at most 8 bytes cross between lanes at once");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <class T> SR_INLINE T sr_unbits(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}
