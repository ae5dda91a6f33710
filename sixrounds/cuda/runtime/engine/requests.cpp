// From the traces of 32 lanes back to what a warp does at once.
//
// Lanes are replayed together: of all lanes, those whose next access has the lowest key (deepest
// call, then lowest address of code) form one request. Compiled without moving blocks of code about,
// this is the order in which diverged lanes meet again on the device, nested loops included.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "machine.h"

namespace sr {

struct Stat {
  u32 pc;
  Access access;
  u8 log_size;
  u16 region;
  u32 next;  // another statistic with the same place in the index, plus one
  u64 requests, lanes, sectors, ideal_sectors, wavefronts, ideal_wavefronts, same_address;
  u32 sample_lanes;  // the first request, for a picture
  u64 sample[WARP];
};
struct BlockStat { u32 pc; u64 executions, lanes; };

static std::vector<Stat> stats;
static std::vector<BlockStat> block_stats;
// By address of code; the pages that no kernel touches cost nothing.
static u32* const index_of = (u32*)calloc(1 << 24, sizeof(u32));
static u32* const block_index_of = (u32*)calloc(1 << 24, sizeof(u32));

void trace_grow(Lane& lane) {
  if (lane.events.size() >= MAX_EVENTS)
    stop("limit", 0, "one thread makes over 4 million accesses between two barriers: measure a smaller size");
  lane.events.reserve(std::max<size_t>(256, lane.events.size() * 2));
}

static Stat& stat_of(const Event& e) {
  u32 pc = e.key & 0xffffff;
  for (u32 i = index_of[pc]; i; i = stats[i - 1].next) {
    Stat& s = stats[i - 1];
    if (s.access == e.access && s.region == e.region && s.log_size == e.log_size) return s;
  }
  Stat fresh{};
  fresh.pc = pc, fresh.access = e.access, fresh.log_size = e.log_size, fresh.region = e.region;
  fresh.next = index_of[pc];
  stats.push_back(fresh);
  index_of[pc] = (u32)stats.size();
  return stats.back();
}

// How many different values there are among address >> shift.
static u32 distinct(const u64* address, u32 count, u32 shift) {
  u64 low = ~0ull, high = 0;
  for (u32 i = 0; i < count; i++) low = std::min(low, address[i] >> shift), high = std::max(high, address[i] >> shift);
  if (high - low < 64) {
    u64 bits = 0;
    for (u32 i = 0; i < count; i++) bits |= 1ull << ((address[i] >> shift) - low);
    return (u32)__builtin_popcountll(bits);
  }
  u64 sorted[WARP];
  for (u32 i = 0; i < count; i++) sorted[i] = address[i] >> shift;
  std::sort(sorted, sorted + count);
  return (u32)(std::unique(sorted, sorted + count) - sorted);
}

// Passes over 32 banks of 4 bytes. Lanes of one pass get different banks or the same word; 8-byte
// accesses go by half warps, 16-byte ones by quarters.
static u32 wavefronts(const u64* address, const u8* lane, u32 count, u32 size, u32* ideal) {
  u32 per_pass = size == 16 ? 8 : size == 8 ? 16 : 32, words_each = size < 4 ? 1 : size / 4, total = 0;
  *ideal = 0;
  for (u32 first = 0; first < WARP; first += per_pass) {
    u64 words[WARP];
    u32 n = 0;
    for (u32 i = 0; i < count; i++)
      if (lane[i] >= first && lane[i] < first + per_pass)
        for (u32 k = 0; k < words_each; k++) words[n++] = (address[i] >> 2) + k;
    if (!n) continue;
    u32 in_bank[WARP] = {}, most = 0, different = 0;
    u64 seen[WARP][WARP];
    for (u32 i = 0; i < n; i++) {
      u32 bank = (u32)(words[i] & 31), k = 0;
      while (k < in_bank[bank] && seen[bank][k] != words[i]) k++;
      if (k < in_bank[bank]) continue;  // another lane of this pass has the same word
      seen[bank][in_bank[bank]++] = words[i];
      different++;
      most = std::max(most, in_bank[bank]);
    }
    total += most;
    *ideal += (different + 31) / 32;
  }
  return total;
}

static u32 most_at_one_address(const u64* address, u32 count) {
  u64 sorted[WARP];
  memcpy(sorted, address, count * sizeof *address);
  std::sort(sorted, sorted + count);
  u32 best = 1, run = 1;
  for (u32 i = 1; i < count; i++) {
    run = sorted[i] == sorted[i - 1] ? run + 1 : 1;
    best = std::max(best, run);
  }
  return best;
}

static void request(const Event& e, const u64* address, const u8* lane, u32 count) {
  Stat& s = stat_of(e);
  u32 size = 1u << e.log_size, ideal;
  if (!s.requests++) {
    for (u32 i = 0; i < count; i++) s.sample_lanes |= 1u << lane[i], s.sample[lane[i]] = address[i];
  }
  s.lanes += count;
  if (M.regions[e.region].space == GLOBAL) {
    s.sectors += distinct(address, count, 5);
    s.ideal_sectors += (distinct(address, count, e.log_size) * size + 31) / 32;
  } else {
    s.wavefronts += wavefronts(address, lane, count, size, &ideal);
    s.ideal_wavefronts += ideal;
  }
  if (e.access == ATOMIC) s.same_address += most_at_one_address(address, count);
}

static void executed(u32 pc, u32 lanes) {
  u32& i = block_index_of[pc];
  if (!i) {
    block_stats.push_back({pc, 0, 0});
    i = (u32)block_stats.size();
  }
  block_stats[i - 1].executions++;
  block_stats[i - 1].lanes += lanes;
}

static bool together(const Event& a, const Event& b) {
  return a.access == b.access && a.log_size == b.log_size &&
         (a.access == BLOCK || M.regions[a.region].space == M.regions[b.region].space);
}

void replay(u32 warp) {
  constexpr u32 NONE = ~0u;
  u32 base = warp * WARP, count = std::min(WARP, M.threads - base), live = 0, head[WARP];
  const Event *at[WARP], *last[WARP];
  std::fill(head, head + WARP, NONE);
  for (u32 i = 0; i < count; i++) {
    std::vector<Event>& events = M.lanes[base + i].events;
    at[i] = events.data(), last[i] = at[i] + events.size();
    if (at[i] != last[i]) live++, head[i] = at[i]->key;
  }
  u64 address[WARP];
  u8 lane[WARP];
  while (live) {
    u32 low = NONE, n = 0;
    for (u32 i = 0; i < WARP; i++) low = std::min(low, head[i]);
    const Event* first = nullptr;
    for (u32 i = 0; i < count; i++) {
      if (head[i] != low || (first && !together(*first, *at[i]))) continue;
      if (!first) first = at[i];
      address[n] = at[i]->address, lane[n++] = (u8)i;
      if (++at[i] == last[i]) head[i] = NONE, live--;
      else head[i] = at[i]->key;
    }
    if (first->access == BLOCK) executed(low & 0xffffff, n);
    else request(*first, address, lane, n);
  }
  for (u32 i = 0; i < count; i++) M.lanes[base + i].events.clear();
}

void write_requests(std::string& out) {
  char line[512];
  typedef unsigned long long ull;
  for (const Stat& s : stats) {
    snprintf(line, sizeof line, "request %u %u %u %u %llu %llu %llu %llu %llu %llu %llu %u", s.pc, s.access,
             1u << s.log_size, s.region, (ull)s.requests, (ull)s.lanes, (ull)s.sectors, (ull)s.ideal_sectors,
             (ull)s.wavefronts, (ull)s.ideal_wavefronts, (ull)s.same_address, s.sample_lanes);
    out += line;
    for (u32 i = 0; i < WARP; i++)
      if (s.sample_lanes >> i & 1) out += " " + std::to_string((ull)(s.sample[i] - M.regions[s.region].low));
    out += "\n";
  }
  for (const BlockStat& b : block_stats) {
    snprintf(line, sizeof line, "executed %u %llu %llu\n", b.pc, (ull)b.executions, (ull)b.lanes);
    out += line;
  }
}
}  // namespace sr
