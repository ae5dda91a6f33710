// Blocks run one after another, in order; so do the warps of a block and the threads of a warp, each
// until it must wait. One operating-system thread, one order: every run gives the same result.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "fiber.h"
#include "machine.h"

namespace sr {

constexpr u32 TOP_DEPTH = 127u << 24;

// A fiber runs threads to their end, one after another; if one must wait, it keeps the fiber and
// another fiber goes on with the rest. Kernels without barriers thus never switch.
static void fiber_main() {
  while (M.next_thread < M.end_thread) {
    u32 thread = M.next_thread++;
    Lane& lane = M.lanes[thread];
    lane.state = READY;
    lane.fiber = (u16)M.fiber;
    M.current = thread;
    M.index = lane.index;
    M.depth_key = TOP_DEPTH;
    M.call(M.arguments);
    M.lanes[M.current].state = DONE;
  }
  M.idle.push_back((u16)M.fiber);
  void* never;
  sr_switch(&never, M.scheduler);
  __builtin_trap();
}

static void enter(u32 fiber) {
  M.fiber = fiber;
  sr_switch(&M.scheduler, M.fibers[fiber].stack_pointer);
}

static void start(u32 first, u32 last) {
  M.next_thread = first;
  M.end_thread = last;
  while (M.next_thread < M.end_thread) {
    u32 fiber = M.idle.back();
    M.idle.pop_back();
    M.fibers[fiber].stack_pointer = fresh_stack(M.fibers[fiber].top, fiber_main);
    enter(fiber);
  }
}

static void resume(u32 thread) {
  Lane& lane = M.lanes[thread];
  M.current = thread;
  M.index = lane.index;
  M.depth_key = lane.depth;
  enter(lane.fiber);
}

void wait_for_others(State state) {
  Lane& lane = M.lanes[M.current];
  lane.state = state;
  lane.depth = M.depth_key;
  sr_switch(&M.fibers[lane.fiber].stack_pointer, M.scheduler);
}

// Give up the launch, from wherever it is.
void stop(const char* kind, u32 pc, const std::string& why) {
  M.why_stopped = why.empty() ? kind : why;
  if (*kind) found(kind, pc, 0, -1).text = why;
  M.stopped = true;
  siglongjmp(M.escape, 1);
}

// Runs the warps until all threads are done or at a barrier.
static void run_warps() {
  for (bool ready = true; ready;) {
    ready = false;
    for (u32 first = 0; first < M.threads; first += WARP) {
      u32 last = std::min(first + WARP, M.threads), warp = warp_of(first);
      do {
        if (M.lanes[first].state == UNSTARTED) start(first, last);
        else
          for (u32 t = first; t < last; t++)
            if (M.lanes[t].state == READY) resume(t);
      } while (run_collectives(warp));
      bool spinning = false;
      for (u32 t = first; t < last; t++) spinning = spinning || M.lanes[t].state == READY;
      ready = ready || spinning;
      if (M.tracing && !spinning) replay(warp);
    }
  }
  for (u32 t = 0; t < M.threads; t++) {
    if (M.lanes[t].state != AT_COLLECTIVE) continue;
    M.current = t;
    found("collective-never-met", M.lanes[t].pc, 0, -1).size = M.lanes[t].mask;
    stop("", 0, "lanes wait for each other at a warp collective for ever");
  }
}

// All threads are done or at a barrier; whether any waits at one.
static bool pass_barrier() {
  u32 waiting = 0, count = 0, leader = 0, exited = M.threads;
  for (u32 t = 0; t < M.threads; t++) {
    Lane& lane = M.lanes[t];
    if (lane.state == DONE) {
      exited = std::min(exited, t);
      continue;
    }
    if (!waiting++) leader = t;
    count += lane.predicate != 0;
    if (lane.pc != M.lanes[leader].pc) {
      M.current = t;
      Finding& f = found("divergent-barrier", lane.pc, M.lanes[leader].pc, -1);
      if (f.count == 1) f.other_thread = leader;
    }
  }
  if (!waiting) return false;
  M.barriers++;
  if (exited < M.threads) {
    M.current = exited;
    Finding& f = found("exited-before-barrier", M.lanes[leader].pc, 0, -1);
    if (f.count == 1) f.other_thread = leader, f.size = M.threads - waiting;
  }
  M.barrier_step = ++M.step;
  for (u32 t = 0; t < M.threads; t++) {
    Lane& lane = M.lanes[t];
    if (lane.state != AT_BARRIER) continue;
    lane.result = lane.op == 1 ? count : lane.op == 2 ? count == waiting : lane.op == 3 ? count > 0 : 0;
    lane.state = READY;
  }
  return true;
}

static void run_block() {
  M.block_step = M.barrier_step = ++M.step;
  M.block_steps.push_back(M.step);
  new_block_sync();
  for (u32 w = 0; w * WARP < M.threads; w++) {
    M.warps[w].all = 0;
    if (M.warps[w].partial) memset(&M.warps[w], 0, sizeof(Warp));
  }
  for (u32 t = 0; t < M.threads; t++) {
    M.lanes[t].state = UNSTARTED;
    M.lanes[t].spins = 0;
    M.lanes[t].fence = M.lanes[t].wide_fence = {};
  }
  // Nothing carries over from the block before. All bits set: NaN, which no sum hides.
  for (Region& r : M.regions)
    if (r.space == SHARED) memset((void*)r.low, 0xFF, r.size);
  do run_warps();
  while (pass_barrier());
}

static void prepare_fibers() {
  u64 bytes = M.threads * (STACK + PAGE);
  M.stacks = (char*)mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  for (u32 f = M.threads; f-- > 0;) {
    char* low = M.stacks + f * (STACK + PAGE);
    mprotect(low, PAGE, PROT_NONE);  // a stack that is too deep stops here
    // Tops at different offsets, or all stacks would share a few lines of the cache.
    M.fibers[f].top = low + PAGE + STACK - f * 9 % 64 * 64;
    M.idle.push_back((u16)f);
  }
}

void run_grid() {
  prepare_fibers();
  u32 i = 0;
  for (u32 z = 0; z < M.block_size.z; z++)
    for (u32 y = 0; y < M.block_size.y; y++)
      for (u32 x = 0; x < M.block_size.x; x++) M.lanes[i++].index = {x, y, z};
  if (sigsetjmp(M.escape, 1) == 0) {
    M.running = true;
    M.block_number = 0;
    for (u32 z = 0; z < M.grid_size.z; z++)
      for (u32 y = 0; y < M.grid_size.y; y++)
        for (u32 x = 0; x < M.grid_size.x; x++, M.block_number++) {
          M.block = {x, y, z};
          run_block();
        }
  }
  M.running = false;
}
}  // namespace sr

using namespace sr;
extern "C" {
uint3 sr_thread() { return M.index; }
uint3 sr_block() { return M.block; }
uint3 sr_block_size() { return M.block_size; }
uint3 sr_grid_size() { return M.grid_size; }
long long sr_clock() { return (long long)M.accesses; }  // deterministic; not a time
int sr_barrier(int op, int predicate) {
  Lane& lane = M.lanes[M.current];
  lane.pc = (u32)CALLER;
  lane.op = op;
  lane.predicate = predicate;
  wait_for_others(AT_BARRIER);
  return (int)M.lanes[M.current].result;
}
void sr_stop(const char* why) { stop("stopped", (u32)CALLER, why); }
}
