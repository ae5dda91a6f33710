// What fences and atomics order: the message-passing pattern between threads and blocks.
//
// A thread that fences and then does an atomic on a location PUBLISHES what it did before the fence,
// and what its block did before the barrier in front of that fence. Whoever later does an atomic on
// the same location ACQUIRES that. Counters, last-block reductions and locks follow this pattern.
#include <map>

#include "machine.h"

namespace sr {

struct Publication {
  u64 block;
  u32 thread, fence, barrier;
  u32 atomic;  // the step of the atomic itself, which whoever acquires comes after
  std::vector<u32> fences;  // of the block's other threads, where a barrier lies between
};
struct Acquired { size_t publication; u32 thread, step; };

static std::map<u64, std::vector<size_t>> at_location;
static std::vector<Publication> all;
static std::vector<Acquired> acquired;  // by threads of the block that runs

void new_block_sync() { acquired.clear(); }

static void publish(u64 address, Lane& lane) {
  std::vector<size_t>& here = at_location[address];
  for (size_t i : here) {
    const Publication& p = all[i];
    if (p.block == M.block_number && p.thread == M.current && p.fence == lane.fence) return;
  }
  Publication p{M.block_number, M.current, lane.fence, lane.fence_barrier, M.step, {}};
  for (u32 t = 0; t < M.threads; t++)
    p.fences.push_back(M.lanes[t].fence < M.barrier_step ? M.lanes[t].fence : 0);
  here.push_back(all.size());
  all.push_back(p);
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
  if (lane.fence && M.job.races) publish(address, lane);
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
    if (step < p.barrier || (thread == p.thread && step < p.fence)) return true;
    if (was_atomic && thread == p.thread && step <= p.atomic) return true;
    if (thread < p.fences.size() && step < p.fences[thread]) return true;
  }
  return false;
}
}  // namespace sr

extern "C" void sr_fence(int device_wide) {
  using namespace sr;
  (void)device_wide;
  Lane& lane = M.lanes[M.current];
  lane.fence = ++M.step;
  lane.fence_barrier = M.barrier_step;
}
