// What fences and atomics order: the message-passing pattern between threads and blocks.
//
// A thread that fences and then does an atomic on a location PUBLISHES what it did before the fence,
// and what its block did before the barrier in front of that fence. Whoever later does an atomic on
// the same location ACQUIRES that. Counters, last-block reductions and locks follow this pattern.
// A fence of the block (__threadfence_block) publishes to the threads of the block alone.
#include <map>

#include "machine.h"

namespace sr {

// What is over for whoever acquires: of the thread before `fence`, of its block before `barrier`.
struct Order {
  u32 fence, barrier;
  std::vector<u32> fences;  // of the block's other threads, where a barrier lies between
};
struct Publication {
  u64 block;
  u32 thread;
  u32 atomic;  // the step of the atomic itself, which whoever acquires comes after
  Order of_block, of_device;  // for threads of the same block, and for those of others
};
struct Acquired { size_t publication; u32 thread, step; };

static std::map<u64, std::vector<size_t>> at_location;
static std::vector<Publication> all;
static std::vector<Acquired> acquired;  // by threads of the block that runs

void new_block_sync() { acquired.clear(); }

static Order order(Fence Lane::* kind) {
  const Fence& mine = M.lanes[M.current].*kind;
  Order found{mine.step, mine.barrier, {}};
  for (u32 t = 0; t < M.threads; t++) {
    u32 other = (M.lanes[t].*kind).step;
    found.fences.push_back(other < M.barrier_step ? other : 0);
  }
  return found;
}

static void publish(u64 address, Lane& lane) {
  std::vector<size_t>& here = at_location[address];
  for (size_t i : here) {
    const Publication& p = all[i];
    if (p.block == M.block_number && p.thread == M.current && p.of_block.fence == lane.fence.step) return;
  }
  here.push_back(all.size());
  all.push_back({M.block_number, M.current, M.step, order(&Lane::fence), order(&Lane::wide_fence)});
}

void atomic_sync(u64 address) {
  Lane& lane = M.lanes[M.current];
  auto here = at_location.find(address);
  if (here != at_location.end()) {
    for (size_t i : here->second) {
      bool already = false;
      for (const Acquired& a : acquired) already = already || (a.publication == i && a.thread == M.current);
      if (!already) acquired.push_back({i, M.current, M.step});
    }
  }
  if (lane.fence.step && M.job.races) publish(address, lane);
  // A thread that spins on an atomic waits for another one: give way from time to time.
  if (++lane.spins >= 64) {
    lane.spins = 0;
    wait_for_others(READY);
  }
}

// Whether the running thread knows, by what it or its block acquired, that `thread`'s access
// stamped `step` is over.
bool published(u32 step, u32 thread, bool was_atomic) {
  if (acquired.empty()) return false;
  u64 low = 0, high = M.block_steps.size();
  while (high - low > 1) {
    u64 middle = (low + high) / 2;
    (M.block_steps[middle] <= step ? low : high) = middle;
  }
  for (const Acquired& a : acquired) {
    const Publication& p = all[a.publication];
    if (p.block != low) continue;
    bool mine = a.thread == M.current || a.step < M.barrier_step ||
                (warp_of(a.thread) == warp_of(M.current) && known_in_warp(a.step, a.thread, M.current));
    if (!mine) continue;
    const Order& o = p.block == M.block_number ? p.of_block : p.of_device;
    if (step < o.barrier || (thread == p.thread && step < o.fence)) return true;
    if (was_atomic && thread == p.thread && step <= p.atomic) return true;
    if (thread < o.fences.size() && step < o.fences[thread]) return true;
  }
  return false;
}
}  // namespace sr

extern "C" void sr_fence(int device_wide) {
  using namespace sr;
  Lane& lane = M.lanes[M.current];
  lane.fence = {++M.step, M.barrier_step};
  if (device_wide) lane.wide_fence = lane.fence;
}
