// The whole state of one launch, and what each room of the engine offers the others.
//
//   main.cpp      reads the job, maps the arrays, writes the report
//   blocks.cpp    runs blocks one after another: fibers, barriers
//   warps.cpp     warp collectives
//   access.cpp    the compiler's hooks: bounds, alignment, budget  -> races.h, trace of requests
//   races.h       happens-before for one memory cell
//   sync.cpp      what fences and atomics publish between threads
//   requests.cpp  lanes back to warps: sectors, bank conflicts, efficiency
#pragma once
#include <csetjmp>
#include <cstdint>
#include <string>
#include <vector>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define CALLER ((u64)__builtin_return_address(0))

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
struct uint3 { unsigned x, y, z; };

namespace sr {

constexpr u64 ARENA = 0x1000000000;   // fixed, so that addresses are the same in every run
constexpr u64 PAGE = 65536;           // each array starts on its own page of this size
constexpr u32 MAX_THREADS = 1024, WARP = 32;
constexpr u64 STACK = 64 * 1024;
constexpr u32 MAX_EVENTS = 1u << 22;  // per lane between two barriers

enum Access : u8 { READ, WRITE, ATOMIC, BLOCK };
// HIDDEN: what the compiler keeps beside a shared array of vectors; not the learner's.
enum Space : u8 { GLOBAL, SHARED, CONSTANT, HIDDEN };
enum State : u8 { UNSTARTED, READY, AT_BARRIER, AT_COLLECTIVE, DONE };

// Steps count everything that orders accesses; an access is stamped with the current one.
struct Cell {
  u32 wstep, wpc, rstep, rpc, rlanes;
  u16 wthread, rthread, rother;
  u8 watomic, rwarps;  // rwarps: readers of other warps than rthread's, rother among them
};
struct Region {
  u64 low, size;
  Space space;
  bool read_only;
  u32 shift;  // log2 of bytes per cell
  u32 id;
  std::string name;
  Cell* cells;
  u64 count;
};
// One entry of a lane's trace; `key` orders lanes: deepest call first, then lowest address.
struct Event { u32 key; Access access; u8 log_size; u16 region; u64 address; };

struct Fence { u32 step, barrier; };  // when it was, and the barrier step then; 0: never

struct Lane {
  State state;
  u16 fiber;
  uint3 index;
  u32 pc;              // of the barrier or collective it waits at
  int op, argument, width, predicate;
  u32 mask;
  u64 value, result;
  u32 spins;           // atomics since it last gave way to others
  Fence fence;         // its last fence of any kind
  Fence wide_fence;    // its last one that holds for the whole device
  u32 depth;
  std::vector<Event> events;
};
// Which lanes' accesses each lane knows to be over: all of them before `all`, or `known[a][b]`.
struct Warp { u32 all; bool partial; u32 known[WARP][WARP]; };
struct Fiber { void* stack_pointer; char* top; };
struct Finding {
  std::string kind, text;
  u32 pc, other_pc;
  int region;
  long long offset;
  u32 size, thread, other_thread;
  u64 count;
  uint3 block, other_block;
};
struct Job {
  u32 kernel = 0, grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
  bool races = false, metrics = false, strict = false;
  u64 budget = 0;
  double seconds = 0;
};

struct Machine {
  Job job;
  bool running, races, tracing, stopped;
  u64 budget, accesses, barriers;
  std::vector<Region> regions;
  Region* last;
  u16 pages[1 << 18];  // page of the arena -> region + 1
  u64 arena_size;
  Lane lanes[MAX_THREADS];
  Warp warps[WARP];
  Fiber fibers[MAX_THREADS];
  std::vector<u16> idle;  // fibers without a thread
  char* stacks;
  void* scheduler;
  u32 current, fiber, threads, next_thread, end_thread;
  u32 depth_key;
  uint3 index, block, block_size, grid_size;
  u64 block_number;
  u32 step, block_step, barrier_step;
  std::vector<u32> block_steps;  // the first step of each block
  std::string why_stopped;
  sigjmp_buf escape;
  void (*call)(void**);
  void** arguments;
};
extern Machine M;

// main.cpp
u64 tls_address(long long offset);
// blocks.cpp
void run_grid();
void wait_for_others(State state);
[[noreturn]] void stop(const char* kind, u32 pc, const std::string& why);
extern "C" void sr_crash(int signal);
// warps.cpp
bool run_collectives(u32 warp);
// access.cpp
void make_cells(Region& region, u32 shift);
Finding& found(const char* kind, u32 pc, u32 other_pc, int region);
std::vector<Finding*>& findings();
uint3 block_of(u32 step);
// sync.cpp
void new_block_sync();
void atomic_sync(u64 address);
bool published(u32 step, u32 thread, bool was_atomic);
// requests.cpp
void trace_grow(Lane& lane);
void replay(u32 warp);
void write_requests(std::string& out);

inline u32 warp_of(u32 thread) { return thread / WARP; }
inline u32 lane_of(u32 thread) { return thread % WARP; }

// Whether an access of thread `who` stamped `step` is over for `thread` of the same warp.
inline bool known_in_warp(u32 step, u32 who, u32 thread) {
  const Warp& warp = M.warps[warp_of(thread)];
  return step < warp.all || (warp.partial && step < warp.known[lane_of(thread)][lane_of(who)]);
}
}  // namespace sr
