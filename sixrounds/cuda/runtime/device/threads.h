// Where a thread is, barriers, fences, assert and printf.
#pragma once

extern "C" {
// `const`: the answer never changes within one call of the kernel, so it is asked for once.
uint3 sr_thread(void) __attribute__((const));
uint3 sr_block(void) __attribute__((const));
uint3 sr_block_size(void) __attribute__((const));
uint3 sr_grid_size(void) __attribute__((const));
// Two barriers in the branches of an `if` are two: they must not be merged into one after it.
#ifdef __clang__
#define SR_NO_MERGE __attribute__((convergent, nomerge))
#else
#define SR_NO_MERGE
#endif
int sr_barrier(int op, int predicate) SR_NO_MERGE;
void sr_fence(int device_wide);
void sr_stop(const char* why) __attribute__((noreturn));
int sr_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
long long sr_clock(void);
void* sr_memcpy(void* to, const void* from, size_t bytes);
void* sr_memmove(void* to, const void* from, size_t bytes);
void* sr_memset(void* to, int value, size_t bytes);
}

#define threadIdx (sr_thread())
#define blockIdx (sr_block())
#define blockDim (sr_block_size())
#define gridDim (sr_grid_size())

#define SR_ORDER() __asm__ volatile("" ::: "memory")
enum { SR_SYNC, SR_COUNT, SR_AND, SR_OR };

SR_INLINE void __syncthreads() { SR_ORDER(); sr_barrier(SR_SYNC, 0); SR_ORDER(); }
SR_INLINE int __syncthreads_count(int p) { SR_ORDER(); int r = sr_barrier(SR_COUNT, p); SR_ORDER(); return r; }
SR_INLINE int __syncthreads_and(int p) { SR_ORDER(); int r = sr_barrier(SR_AND, p); SR_ORDER(); return r; }
SR_INLINE int __syncthreads_or(int p) { SR_ORDER(); int r = sr_barrier(SR_OR, p); SR_ORDER(); return r; }
SR_INLINE void __threadfence_block() { SR_ORDER(); sr_fence(0); SR_ORDER(); }
SR_INLINE void __threadfence() { SR_ORDER(); sr_fence(1); SR_ORDER(); }
SR_INLINE void __threadfence_system() { SR_ORDER(); sr_fence(1); SR_ORDER(); }
SR_INLINE void __trap() { sr_stop("__trap() was called"); }
SR_INLINE long long clock64() { return sr_clock(); }

#undef assert
#define assert(e) ((e) ? (void)0 : sr_stop("assert(" #e ") failed"))
#define printf sr_printf
// Calls of these are not seen by the compiler's instrumentation; ours look at every byte.
#define memcpy sr_memcpy
#define memmove sr_memmove
#define memset sr_memset
namespace std {
using ::sr_memcpy;
using ::sr_memmove;
using ::sr_memset;
}
