// Happens-before for one cell of memory: who wrote last, who has read since.
//
// Two accesses of different threads conflict unless both are reads or both are atomic. They are
// ordered by a barrier, by a warp collective that both take part in, or by what fences and atomics
// publish (sync.cpp). Blocks have no order otherwise, whatever order this machine runs them in.
#pragma once
#include "machine.h"

namespace sr {

void report_race(const char* kind, u32 pc, u32 other_pc, const Region& region, u64 offset, u32 size,
                 u32 other_thread, u32 other_step);
void report_uninitialized(u32 pc, const Region& region, u64 offset, u32 size);

// Whether the accesses stamped `step` by `who` are unordered with thread `me`, now.
inline bool unordered(u32 step, u32 who, u32 me, Space space, bool was_atomic = false) {
  if (step >= M.barrier_step) {
    if (who == me) return false;
    if (warp_of(who) == warp_of(me) && known_in_warp(step, who, me)) return false;
    return !published(step, who, was_atomic);
  }
  // Before the last barrier: ordered within the block; another block's if before its start.
  return space == GLOBAL && step && step < M.block_step && !published(step, who, was_atomic);
}

// Whether any lane that read this cell is unordered with a write of thread `me`; says which.
inline bool unordered_readers(const Cell& c, u32 me, Space space, u32* who) {
  *who = c.rthread;
  if (c.rstep < M.barrier_step) return unordered(c.rstep, c.rthread, me, space);
  if (c.rwarps) {
    if (warp_of(c.rthread) == warp_of(me)) *who = c.rother;
    return !published(c.rstep, *who, false);
  }
  if (warp_of(c.rthread) != warp_of(me)) return unordered(c.rstep, c.rthread, me, space);
  u32 others = c.rlanes & ~(1u << lane_of(me));
  if (!others || c.rstep < M.warps[warp_of(me)].all) return false;
  for (u32 lanes = others; lanes; lanes &= lanes - 1) {
    *who = warp_of(me) * WARP + (u32)__builtin_ctz(lanes);
    if (unordered(c.rstep, *who, me, space)) return true;
  }
  return false;
}

inline void note_read(Cell& c, u32 me, u32 pc) {
  u32 own = 1u << lane_of(me);
  if (c.rstep < M.barrier_step) {
    c.rlanes = own;
    c.rthread = (u16)me;
    c.rwarps = 0;
  } else if (warp_of(c.rthread) != warp_of(me)) {
    if (!c.rwarps && published(c.rstep, c.rthread, false)) {  // as under a lock
      c.rlanes = own;
      c.rthread = (u16)me;
    } else {
      c.rwarps = 1;
      c.rother = (u16)me;
    }
  } else {
    // A reader that is over for this one is over for whoever waits for this one.
    if (c.rstep != M.step) {
      if (c.rstep < M.warps[warp_of(me)].all) c.rlanes = 0;
      for (u32 lanes = c.rlanes; lanes; lanes &= lanes - 1) {
        u32 lane = (u32)__builtin_ctz(lanes);
        if (known_in_warp(c.rstep, lane, me) || published(c.rstep, warp_of(me) * WARP + lane, false))
          c.rlanes &= ~(1u << lane);
      }
    }
    c.rlanes |= own;
    c.rthread = (u16)me;
  }
  c.rstep = M.step;
  c.rpc = pc;
}

inline void check_cell(Region& region, Cell& c, Access access, u64 offset, u32 size, u32 pc) {
  const u32 me = M.current;
  if (access != WRITE && region.space == SHARED && UNLIKELY(c.wstep < M.block_step))
    report_uninitialized(pc, region, offset, size);
  if (access == READ) {
    if (UNLIKELY(unordered(c.wstep, c.wthread, me, region.space, c.watomic)))
      report_race("read-after-write", pc, c.wpc, region, offset, size, c.wthread, c.wstep);
    note_read(c, me, pc);
    return;
  }
  const bool atomic = access == ATOMIC;
  if (!(atomic && c.watomic) && UNLIKELY(unordered(c.wstep, c.wthread, me, region.space, c.watomic)))
    report_race("write-after-write", pc, c.wpc, region, offset, size, c.wthread, c.wstep);
  u32 reader;
  if (UNLIKELY(unordered_readers(c, me, region.space, &reader)))
    report_race("write-after-read", pc, c.rpc, region, offset, size, reader, c.rstep);
  // A plain write by the same thread since the barrier stays plain for the others.
  c.watomic = atomic && !(c.wstep >= M.barrier_step && c.wthread == me && !c.watomic);
  c.wstep = M.step;
  c.wpc = pc;
  c.wthread = (u16)me;
}

inline void check_races(Region& region, u64 offset, u32 size, Access access, u32 pc) {
  if (UNLIKELY(region.shift && (size < 4 || (offset & 3)))) make_cells(region, 0);
  u64 first = offset >> region.shift, last = (offset + size - 1) >> region.shift;
  for (u64 i = first; i <= last; i++) check_cell(region, region.cells[i], access, offset, size, pc);
}
}  // namespace sr
