// Warp collectives: a group forms when all lanes that a mask names have come to the same operation.
#include <algorithm>

#include "machine.h"

namespace sr {

enum { SYNC, INDEX, UP, DOWN, XOR, BALLOT, MATCH_ANY, MATCH_ALL, ADD, MIN, MAX, UMIN, UMAX, AND, OR, BXOR };

struct Group {
  u32 first;         // thread of lane 0
  u32 mask, present; // lanes named, lanes here
};

static u64 shuffle(const Group& g, u32 lane, const Lane& l) {
  int me = (int)lane, from = me, segment = me & ~(l.width - 1);
  switch (l.op) {
    case INDEX: from = segment | (l.argument & (l.width - 1)); break;
    case UP: from = me - l.argument; if (from < segment) from = me; break;
    case DOWN: from = me + l.argument; if (from >= segment + l.width) from = me; break;
    default: from = me ^ l.argument; if (from >= segment + l.width) from = me;
  }
  if (from < 0 || from > 31) from = me;
  if (g.present >> from & 1) return M.lanes[g.first + (u32)from].value;
  M.current = g.first + lane;
  Finding& f = found("shuffle-from-absent-lane", l.pc, 0, -1);
  if (f.count == 1) f.other_thread = g.first + (u32)from, f.size = (u32)from;
  return 0;
}

static u64 fold(int op, u64 a, u64 b) {
  switch (op) {
    case ADD: return a + b;
    case MIN: return (u64)std::min((int64_t)a, (int64_t)b);
    case MAX: return (u64)std::max((int64_t)a, (int64_t)b);
    case UMIN: return std::min(a, b);
    case UMAX: return std::max(a, b);
    case AND: return a & b;
    case OR: return a | b;
    default: return a ^ b;
  }
}

static void finish(const Group& g, int op) {
  u64 whole = 0, first_value = 0;
  bool first = true, equal = true;
  for (u32 lane = 0; lane < WARP; lane++) {
    if (!(g.present >> lane & 1)) continue;
    u64 v = M.lanes[g.first + lane].value;
    if (op == BALLOT) whole |= v << lane;
    else whole = first ? v : fold(op, whole, v);
    if (first) first_value = v;
    equal = equal && v == first_value;
    first = false;
  }
  for (u32 lane = 0; lane < WARP; lane++) {
    if (!(g.present >> lane & 1)) continue;
    Lane& l = M.lanes[g.first + lane];
    if (op == SYNC) l.result = 0;
    else if (op <= XOR) l.result = shuffle(g, lane, l);
    else if (op == MATCH_ALL) l.result = equal ? g.present : 0;
    else if (op == MATCH_ANY) {
      l.result = 0;
      for (u32 j = 0; j < WARP; j++)
        if (g.present >> j & 1 && M.lanes[g.first + j].value == l.value) l.result |= 1u << j;
    } else l.result = whole;
  }
}

// Lanes that met know what each of them did before.
static void join(const Group& g) {
  Warp& warp = M.warps[warp_of(g.first)];
  M.step++;
  u32 alive = 0;
  for (u32 lane = 0; lane < WARP && g.first + lane < M.threads; lane++)
    if (M.lanes[g.first + lane].state != DONE) alive |= 1u << lane;
  if (g.present == alive && alive == 0xffffffffu) {
    warp.all = M.step;
    return;
  }
  warp.partial = true;
  u32 joined[WARP];
  for (u32 j = 0; j < WARP; j++) {
    joined[j] = g.present >> j & 1 ? M.step : 0;
    for (u32 i = 0; i < WARP; i++)
      if (g.present >> i & 1) joined[j] = std::max(joined[j], warp.known[i][j]);
  }
  for (u32 i = 0; i < WARP; i++)
    if (g.present >> i & 1)
      for (u32 j = 0; j < WARP; j++) warp.known[i][j] = joined[j];
}

// Finish every group that is complete; whether any was.
bool run_collectives(u32 warp) {
  bool any = false;
  u32 base = warp * WARP, count = std::min(WARP, M.threads - base);
  for (u32 i = 0; i < count; i++) {
    const Lane& leader = M.lanes[base + i];
    if (leader.state != AT_COLLECTIVE) continue;
    Group g{base, leader.mask, 0};
    u32 gone = 0;
    bool complete = true;
    for (u32 j = 0; j < WARP; j++) {
      if (!(leader.mask >> j & 1)) continue;
      if (j >= count) { gone |= 1u << j; continue; }
      const Lane& l = M.lanes[base + j];
      if (l.state == AT_COLLECTIVE && l.op == leader.op && l.mask == leader.mask) g.present |= 1u << j;
      else if (l.state == DONE) gone |= 1u << j;
      else complete = false;
    }
    if (!complete) continue;
    if (!(leader.mask >> i & 1)) g.present = 1u << i;  // reported when it came
    if (gone) {
      M.current = base + i;
      Finding& f = found("mask-names-absent-lanes", leader.pc, 0, -1);
      if (f.count == 1) f.size = gone;
    }
    int op = leader.op;
    finish(g, op);
    for (u32 j = 0; j < count; j++)
      if (g.present >> j & 1) M.lanes[base + j].state = READY;
    join(g);
    any = true;
  }
  return any;
}
}  // namespace sr

using namespace sr;
extern "C" u64 sr_warp(int op, unsigned mask, u64 value, int argument, int width) {
  Lane& lane = M.lanes[M.current];
  lane.pc = (u32)CALLER;
  lane.op = op, lane.mask = mask, lane.value = value, lane.argument = argument;
  bool good = width >= 1 && width <= 32 && (width & (width - 1)) == 0;
  lane.width = good ? width : 32;
  if (!good) found("bad-shuffle-width", lane.pc, 0, -1).size = (u32)width;
  if (!(mask >> lane_of(M.current) & 1)) found("mask-excludes-caller", lane.pc, 0, -1).size = mask;
  wait_for_others(AT_COLLECTIVE);
  return M.lanes[M.current].result;
}
extern "C" unsigned sr_active(void) {
  u32 mask = 0, base = warp_of(M.current) * WARP;
  for (u32 i = 0; i < WARP && base + i < M.threads; i++)
    if (M.lanes[base + i].state != DONE) mask |= 1u << i;
  return mask;
}
