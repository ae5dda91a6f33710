// Atomics: threads take turns and never interrupt each other, so a plain update is atomic once the
// engine has been told where it happens.
#pragma once

extern "C" void sr_atomic(const void* address, int size);

template <class T, class... Allowed> struct sr_is_one_of : std::disjunction<std::is_same<T, Allowed>...> {};
template <class T> struct sr_same { typedef T type; };
#define SR_UPDATE __attribute__((no_sanitize("thread"), noinline))

#define SR_ATOMIC(NAME, EXPRESSION, ...) \
  template <class T> SR_UPDATE T sr_##NAME(T* address, T value) { \
    T old = *address; \
    *address = (T)(EXPRESSION); \
    return old; \
  } \
  template <class T> SR_INLINE T NAME(T* address, typename sr_same<T>::type value) { \
    static_assert(sr_is_one_of<T, __VA_ARGS__>::value, "CUDA has no " #NAME " for this type; it has: " #__VA_ARGS__); \
    sr_atomic(address, sizeof(T)); \
    return sr_##NAME<T>(address, value); \
  } \
  template <class T> SR_INLINE T NAME##_block(T* a, typename sr_same<T>::type v) { return NAME(a, v); } \
  template <class T> SR_INLINE T NAME##_system(T* a, typename sr_same<T>::type v) { return NAME(a, v); }

SR_ATOMIC(atomicAdd, old + value, int, uint, ulonglong, float, double, __half, __nv_bfloat16)
SR_ATOMIC(atomicSub, old - value, int, uint)
SR_ATOMIC(atomicExch, value, int, uint, ulonglong, float)
SR_ATOMIC(atomicMin, old < value ? old : value, int, uint, longlong, ulonglong)
SR_ATOMIC(atomicMax, old > value ? old : value, int, uint, longlong, ulonglong)
SR_ATOMIC(atomicAnd, old & value, int, uint, ulonglong)
SR_ATOMIC(atomicOr, old | value, int, uint, ulonglong)
SR_ATOMIC(atomicXor, old ^ value, int, uint, ulonglong)
SR_ATOMIC(atomicInc, old >= value ? 0 : old + 1, uint)
SR_ATOMIC(atomicDec, (old == 0 || old > value) ? value : old - 1, uint)

template <class T> SR_UPDATE T sr_atomicCAS(T* address, T compare, T value) {
  T old = *address;
  if (old == compare) *address = value;
  return old;
}
template <class T>
SR_INLINE T atomicCAS(T* address, typename sr_same<T>::type compare, typename sr_same<T>::type value) {
  static_assert(sr_is_one_of<T, int, uint, ulonglong, ushort>::value,
                "CUDA has no atomicCAS for this type; it has: int, uint, ulonglong, ushort");
  sr_atomic(address, sizeof(T));
  return sr_atomicCAS<T>(address, compare, value);
}
