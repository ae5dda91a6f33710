// Warp collectives: shuffles, votes, match, reduce.
#pragma once

enum sr_warp_op { SR_W_SYNC, SR_W_INDEX, SR_W_UP, SR_W_DOWN, SR_W_XOR, SR_W_BALLOT, SR_W_MATCH_ANY,
                  SR_W_MATCH_ALL, SR_W_ADD, SR_W_MIN, SR_W_MAX, SR_W_UMIN, SR_W_UMAX, SR_W_AND, SR_W_OR, SR_W_BXOR };
extern "C" uint64_t sr_warp(int op, unsigned mask, uint64_t value, int argument, int width) SR_NO_MERGE;
extern "C" unsigned sr_active(void);

SR_INLINE uint64_t sr_collective(int op, unsigned mask, uint64_t value, int argument = 0, int width = 32) {
  SR_ORDER();
  uint64_t result = sr_warp(op, mask, value, argument, width);
  SR_ORDER();
  return result;
}
SR_INLINE void __syncwarp(unsigned mask = 0xffffffffu) { sr_collective(SR_W_SYNC, mask, 0); }
SR_INLINE unsigned __activemask() { return sr_active(); }

#define SR_SHUFFLE(NAME, OP, ARG) \
  template <class T> SR_INLINE T NAME(unsigned mask, T value, ARG argument, int width = 32) { \
    return sr_unbits<T>(sr_collective(OP, mask, sr_bits(value), (int)argument, width)); \
  }
SR_SHUFFLE(__shfl_sync, SR_W_INDEX, int)
SR_SHUFFLE(__shfl_up_sync, SR_W_UP, unsigned)
SR_SHUFFLE(__shfl_down_sync, SR_W_DOWN, unsigned)
SR_SHUFFLE(__shfl_xor_sync, SR_W_XOR, int)

SR_INLINE unsigned __ballot_sync(unsigned mask, int p) { return (unsigned)sr_collective(SR_W_BALLOT, mask, p != 0); }
SR_INLINE int __any_sync(unsigned mask, int p) { return __ballot_sync(mask, p) != 0; }
SR_INLINE int __all_sync(unsigned mask, int p) { return __ballot_sync(mask, !p) == 0; }
template <class T> SR_INLINE unsigned __match_any_sync(unsigned mask, T value) {
  return (unsigned)sr_collective(SR_W_MATCH_ANY, mask, sr_bits(value));
}
template <class T> SR_INLINE unsigned __match_all_sync(unsigned mask, T value, int* same) {
  unsigned lanes = (unsigned)sr_collective(SR_W_MATCH_ALL, mask, sr_bits(value));
  *same = lanes != 0;
  return lanes;
}
// Signed values travel as 64 bits, so that their order is kept.
SR_INLINE unsigned __reduce_add_sync(unsigned m, unsigned v) { return (unsigned)sr_collective(SR_W_ADD, m, v); }
SR_INLINE int __reduce_add_sync(unsigned m, int v) { return (int)sr_collective(SR_W_ADD, m, (uint64_t)(int64_t)v); }
SR_INLINE unsigned __reduce_min_sync(unsigned m, unsigned v) { return (unsigned)sr_collective(SR_W_UMIN, m, v); }
SR_INLINE int __reduce_min_sync(unsigned m, int v) { return (int)sr_collective(SR_W_MIN, m, (uint64_t)(int64_t)v); }
SR_INLINE unsigned __reduce_max_sync(unsigned m, unsigned v) { return (unsigned)sr_collective(SR_W_UMAX, m, v); }
SR_INLINE int __reduce_max_sync(unsigned m, int v) { return (int)sr_collective(SR_W_MAX, m, (uint64_t)(int64_t)v); }
SR_INLINE unsigned __reduce_and_sync(unsigned m, unsigned v) { return (unsigned)sr_collective(SR_W_AND, m, v); }
SR_INLINE unsigned __reduce_or_sync(unsigned m, unsigned v) { return (unsigned)sr_collective(SR_W_OR, m, v); }
SR_INLINE unsigned __reduce_xor_sync(unsigned m, unsigned v) { return (unsigned)sr_collective(SR_W_BXOR, m, v); }
