// __half and __nv_bfloat16: 16 bits in memory, arithmetic in float rounded to nearest even.
#pragma once

SR_INLINE uint16_t sr_float_to_half(float value) {
  uint32_t x = (uint32_t)sr_bits(value), sign = (x >> 16) & 0x8000, rest = x & 0x7fffffff;
  if (rest > 0x7f800000) return (uint16_t)(sign | 0x7e00);
  if (rest >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (rest < 0x33000001) return (uint16_t)sign;
  int exponent = (int)(rest >> 23) - 112;
  uint32_t mantissa = rest & 0x7fffff, shift = 13;
  if (exponent <= 0) {
    mantissa |= 0x800000;
    shift = (uint32_t)(14 - exponent);
    exponent = 0;
  }
  uint32_t kept = ((uint32_t)exponent << 10) + (mantissa >> shift), lost = mantissa & ((1u << shift) - 1);
  uint32_t middle = 1u << (shift - 1);
  return (uint16_t)(sign | (kept + (lost > middle || (lost == middle && (kept & 1)))));
}
SR_INLINE float sr_half_to_float(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, mantissa = half & 0x3ff;
  if (exponent == 31) return sr_unbits<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent) return sr_unbits<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  float small = (float)mantissa * 5.9604644775390625e-8f;  // 2^-24, exact
  return sign ? -small : small;
}
SR_INLINE uint16_t sr_float_to_bfloat(float value) {
  uint32_t x = (uint32_t)sr_bits(value);
  if ((x & 0x7fffffff) > 0x7f800000) return (uint16_t)(x >> 16 | 0x40);
  return (uint16_t)((x + 0x7fff + (x >> 16 & 1)) >> 16);
}
SR_INLINE float sr_bfloat_to_float(uint16_t bits) { return sr_unbits<float>((uint32_t)bits << 16); }

#define SR_SMALL_FLOAT(NAME, TO, FROM, KIND) \
  struct NAME { \
    uint16_t bits; \
    NAME() = default; \
    NAME(float v) : bits(TO(v)) {} \
    NAME(double v) : bits(TO((float)v)) {} \
    NAME(int v) : bits(TO((float)v)) {} \
    operator float() const { return FROM(bits); } \
    NAME& operator+=(NAME o) { return *this = NAME((float)*this + (float)o); } \
    NAME& operator-=(NAME o) { return *this = NAME((float)*this - (float)o); } \
    NAME& operator*=(NAME o) { return *this = NAME((float)*this * (float)o); } \
    NAME& operator/=(NAME o) { return *this = NAME((float)*this / (float)o); } \
  }; \
  SR_INLINE NAME operator+(NAME a, NAME b) { return NAME((float)a + (float)b); } \
  SR_INLINE NAME operator-(NAME a, NAME b) { return NAME((float)a - (float)b); } \
  SR_INLINE NAME operator*(NAME a, NAME b) { return NAME((float)a * (float)b); } \
  SR_INLINE NAME operator/(NAME a, NAME b) { return NAME((float)a / (float)b); } \
  SR_INLINE NAME operator-(NAME a) { return NAME(-(float)a); } \
  SR_INLINE NAME __hadd(NAME a, NAME b) { return a + b; } \
  SR_INLINE NAME __hsub(NAME a, NAME b) { return a - b; } \
  SR_INLINE NAME __hmul(NAME a, NAME b) { return a * b; } \
  SR_INLINE NAME __hdiv(NAME a, NAME b) { return a / b; } \
  SR_INLINE NAME __hneg(NAME a) { return -a; } \
  SR_INLINE NAME __hmax(NAME a, NAME b) { return NAME(fmaxf(a, b)); } \
  SR_INLINE NAME __hmin(NAME a, NAME b) { return NAME(fminf(a, b)); } \
  /* The product is exact in double and its sum is rounded once. */ \
  SR_INLINE NAME __hfma(NAME a, NAME b, NAME c) { return NAME((float)((double)(float)a * (float)b + (float)c)); } \
  SR_INLINE bool __hlt(NAME a, NAME b) { return (float)a < (float)b; } \
  SR_INLINE bool __hgt(NAME a, NAME b) { return (float)a > (float)b; } \
  SR_INLINE bool __heq(NAME a, NAME b) { return (float)a == (float)b; } \
  template <> struct sr_type<NAME> { static constexpr char kind = KIND; static constexpr int size = 2, width = 1; }; \
  struct alignas(4) NAME##2 { \
    NAME x, y; \
    NAME##2() = default; \
    NAME##2(NAME a, NAME b) : x(a), y(b) {} \
    typedef uint32_t word __attribute__((may_alias)); \
    NAME##2(const NAME##2& o) { *(word*)this = *(const word*)&o; } \
    NAME##2& operator=(const NAME##2& o) { *(word*)this = *(const word*)&o; return *this; } \
  }; \
  template <> struct sr_type<NAME##2> { static constexpr char kind = KIND; static constexpr int size = 2, width = 2; }; \
  SR_INLINE NAME##2 __hadd2(NAME##2 a, NAME##2 b) { return NAME##2(a.x + b.x, a.y + b.y); } \
  SR_INLINE NAME##2 __hmul2(NAME##2 a, NAME##2 b) { return NAME##2(a.x * b.x, a.y * b.y); } \
  SR_INLINE NAME##2 __hfma2(NAME##2 a, NAME##2 b, NAME##2 c) { return NAME##2(__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)); } \
  SR_INLINE float __low2float(NAME##2 a) { return (float)a.x; } \
  SR_INLINE float __high2float(NAME##2 a) { return (float)a.y; }

SR_SMALL_FLOAT(__half, sr_float_to_half, sr_half_to_float, 'f')
SR_SMALL_FLOAT(__nv_bfloat16, sr_float_to_bfloat, sr_bfloat_to_float, 'B')
typedef __half half;
typedef __half2 half2;
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;
SR_INLINE float __half2float(__half h) { return (float)h; }
SR_INLINE __half __float2half(float f) { return __half(f); }
SR_INLINE __half __float2half_rn(float f) { return __half(f); }
SR_INLINE __half2 __floats2half2_rn(float a, float b) { return __half2(__half(a), __half(b)); }
SR_INLINE __half2 __float2half2_rn(float a) { return __half2(__half(a), __half(a)); }
SR_INLINE __half2 __halves2half2(__half a, __half b) { return __half2(a, b); }
SR_INLINE float2 __half22float2(__half2 h) { return make_float2((float)h.x, (float)h.y); }
SR_INLINE float __bfloat162float(__nv_bfloat16 b) { return (float)b; }
SR_INLINE __nv_bfloat16 __float2bfloat16(float f) { return __nv_bfloat16(f); }
SR_INLINE __nv_bfloat16 __float2bfloat16_rn(float f) { return __nv_bfloat16(f); }
