// Every memory access of a kernel comes here first: the compiler calls the hooks of its thread
// sanitizer, which we implement ourselves. A hook runs BEFORE its access, so that a wild pointer is
// reported and the launch given up instead of crashing.
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <tuple>

#include "races.h"

extern "C" char __executable_start, etext, edata, end;
extern "C" char __data_start;

namespace sr {

static std::map<std::tuple<std::string, u32, u32, int>, Finding> table;
static std::vector<Finding*> in_order;
std::vector<Finding*>& findings() { return in_order; }

// The finding of this kind at this place: repeats are counted, the first is described.
Finding& found(const char* kind, u32 pc, u32 other_pc, int region) {
  auto key = std::make_tuple(std::string(kind), pc, other_pc, region);
  auto at = table.find(key);
  if (at == table.end()) {
    Finding fresh{kind, "", pc, other_pc, region, 0, 0, M.current, 0, 0, M.block, M.block};
    at = table.emplace(key, fresh).first;
    in_order.push_back(&at->second);
  }
  at->second.count++;
  return at->second;
}

uint3 block_of(u32 step) {
  u64 low = 0, high = M.block_steps.size();
  while (high - low > 1) {
    u64 middle = (low + high) / 2;
    (M.block_steps[middle] <= step ? low : high) = middle;
  }
  u64 x = M.grid_size.x, y = M.grid_size.y;
  return {(u32)(low % x), (u32)(low / x % y), (u32)(low / (x * y))};
}

void report_race(const char* kind, u32 pc, u32 other_pc, const Region& region, u64 offset, u32 size,
                 u32 other_thread, u32 other_step) {
  Finding& f = found(kind, pc, other_pc, (int)region.id);
  if (f.count > 1) return;
  f.offset = (long long)offset;
  f.size = size;
  f.other_thread = other_thread;
  f.other_block = block_of(other_step);
}

void report_uninitialized(u32 pc, const Region& region, u64 offset, u32 size) {
  Finding& f = found("uninitialized", pc, 0, (int)region.id);
  if (f.count > 1) return;
  f.offset = (long long)offset;
  f.size = size;
}

// Cells of 1 << shift bytes. Going from words to bytes keeps what is known; each byte inherits it.
void make_cells(Region& region, u32 shift) {
  u64 count = (region.size >> shift) + 1, bytes = count * sizeof(Cell);
  Cell* cells = (Cell*)mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (cells == MAP_FAILED) stop("limit", 0, "no memory to check an array of this size");
  if (region.cells) {
    for (u64 i = 0; i < count; i++) {
      const Cell& old = region.cells[i << shift >> region.shift];
      if (old.wstep || old.rstep) cells[i] = old;
    }
    munmap(region.cells, region.count * sizeof(Cell));
  }
  region.cells = cells;
  region.count = count;
  region.shift = shift;
}

static const Region* nearest(u64 address, u64* distance) {
  const Region* best = nullptr;
  *distance = ~0ull;
  for (const Region& r : M.regions) {
    u64 d = address < r.low ? r.low - address : address >= r.low + r.size ? address - (r.low + r.size) + 1 : 0;
    if (d < *distance) *distance = d, best = &r;
  }
  return best;
}

// When grading, a store must not reach a saved frame pointer or return address of its own stack.
static void guard_frames(u64 address, u32 size, u32 pc) {
  u64 top = (u64)M.fibers[M.fiber].top, frame = (u64)__builtin_frame_address(0);
  while (frame && frame < top && frame > top - STACK) {
    if (address + size > frame && address < frame + 16)
      stop("out-of-bounds", pc, "a store into a local array overwrites the stack");
    u64 next = *(u64*)frame;
    if (next <= frame) return;
    frame = next;
  }
}

// An access in no array. Returns if it may go on: a local variable, a read-only table of the
// program, or the empty space around an array, where it does no harm.
static void __attribute__((noinline)) outside(u64 address, u32 size, Access access, u32 pc) {
  u64 top = (u64)M.fibers[M.fiber].top;
  if (address < top && address >= top - STACK) {
    if (M.job.strict && access != READ) guard_frames(address, size, pc);
    return;
  }
  if (access == READ && address >= (u64)&__executable_start && address < (u64)&__data_start) return;
  u64 distance;
  const Region* near = nearest(address, &distance);
  bool in_arena = address - ARENA < M.arena_size && address + size - ARENA <= M.arena_size;
  bool tagged = near && distance < (1u << 26);
  if (address < PAGE) stop("null-pointer", pc, "");
  if (!tagged) stop("wild-pointer", pc, "");
  Finding& f = found("out-of-bounds", pc, (u32)access, (int)near->id);
  if (f.count == 1) {
    f.offset = (long long)(address - near->low);
    f.size = size;
  }
  // Shared arrays lie next to each other and to the engine: a read there cannot be let go on far.
  bool harmless = in_arena || (near->space != GLOBAL && access == READ && distance < 4096);
  if (!harmless) stop("", pc, "an access far outside every array cannot be carried out");
}

static Region* find(u64 address) {
  u64 page = (address - ARENA) / PAGE;
  if (page < sizeof M.pages / sizeof *M.pages) return M.pages[page] ? &M.regions[M.pages[page] - 1u] : nullptr;
  for (Region& r : M.regions)
    if (address - r.low < r.size) return &r;
  return nullptr;
}

static inline __attribute__((always_inline)) void access(u64 address, u32 log_size, Access kind, u64 caller) {
  if (UNLIKELY(!M.running)) return;
  const u32 size = 1u << log_size, pc = (u32)caller;
  M.accesses++;
  if (UNLIKELY(--M.budget == 0)) stop("endless-loop", pc, "the launch used up its budget of memory accesses");
  Region* r = M.last;
  u64 offset = address - r->low;
  if (UNLIKELY(offset >= r->size || offset + size > r->size)) {
    r = find(address);
    if (!r || address - r->low + size > r->size) return outside(address, size, kind, pc);
    if (r->space == HIDDEN) return;
    M.last = r;
    offset = address - r->low;
  }
  if (UNLIKELY(address & (size - 1))) {
    Finding& f = found("misaligned", pc, (u32)kind, (int)r->id);
    if (f.count == 1) f.offset = (long long)offset, f.size = size;
  }
  if (UNLIKELY(kind != READ && r->read_only)) found("write-to-constant", pc, 0, (int)r->id);
  if (M.races) check_races(*r, offset, size, kind, pc);
  if (M.tracing) {
    Lane& lane = M.lanes[M.current];
    if (UNLIKELY(lane.events.size() == lane.events.capacity())) trace_grow(lane);
    lane.events.push_back(Event{M.depth_key | (pc & 0xffffff), kind, (u8)log_size, (u16)r->id, address});
  }
}

static void range(u64 address, u64 bytes, Access kind, u64 caller) {
  for (u64 i = 0; i < bytes; i++) access(address + i, 0, kind, caller);
}
static void* copy(void* to, const void* from, u64 bytes, u64 caller) {
  range((u64)from, bytes, READ, caller);
  range((u64)to, bytes, WRITE, caller);
  return memmove(to, from, bytes);
}
static void* fill(void* to, int value, u64 bytes, u64 caller) {
  range((u64)to, bytes, WRITE, caller);
  return memset(to, value, bytes);
}
}  // namespace sr

using namespace sr;
#define HOOKS(N, L) \
  void __tsan_read##N(void* p) { access((u64)p, L, READ, CALLER); } \
  void __tsan_write##N(void* p) { access((u64)p, L, WRITE, CALLER); } \
  void __tsan_unaligned_read##N(void* p) { access((u64)p, L, READ, CALLER); } \
  void __tsan_unaligned_write##N(void* p) { access((u64)p, L, WRITE, CALLER); } \
  void __tsan_volatile_read##N(void* p) { access((u64)p, L, READ, CALLER); } \
  void __tsan_volatile_write##N(void* p) { access((u64)p, L, WRITE, CALLER); } \
  void __tsan_read_write##N(void* p) { access((u64)p, L, READ, CALLER), access((u64)p, L, WRITE, CALLER); }

extern "C" {
HOOKS(1, 0)
HOOKS(2, 1)
HOOKS(4, 2)
HOOKS(8, 3)
HOOKS(16, 4)
void __tsan_read_range(void* p, u64 n) { range((u64)p, n, READ, CALLER); }
void __tsan_write_range(void* p, u64 n) { range((u64)p, n, WRITE, CALLER); }
// Both compilers turn copies and fills into calls; the ones in a kernel are checked byte by byte.
void* __tsan_memcpy(void* to, const void* from, u64 n) { return copy(to, from, n, CALLER); }
void* __tsan_memmove(void* to, const void* from, u64 n) { return copy(to, from, n, CALLER); }
void* __tsan_memset(void* to, int value, u64 n) { return fill(to, value, n, CALLER); }
void* sr_memcpy(void* to, const void* from, u64 n) { return copy(to, from, n, CALLER); }
void* sr_memmove(void* to, const void* from, u64 n) { return copy(to, from, n, CALLER); }
void* sr_memset(void* to, int value, u64 n) { return fill(to, value, n, CALLER); }
void __tsan_init() {}
void __tsan_func_entry(void*) { M.depth_key -= 1u << 24; }
void __tsan_func_exit() { M.depth_key += 1u << 24; }
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
// An index beyond the type that the text declares: `long a[2]; a[5]`, or a row of `tile[32][33]`.
void __ubsan_handle_out_of_bounds(void* data, u64 index) {
  struct Type { u16 kind, info; char name[1]; };
  struct Place { const char* file; u32 line, column; const Type* array; };
  if (!M.running) return;
  const std::string type = ((const Place*)data)->array->name;
  if (M.job.strict) stop("declared-bounds", (u32)CALLER, "index " + std::to_string((int64_t)index) + " of an array declared as " + type);
  Finding& f = found("declared-bounds", (u32)CALLER, 0, -1);
  if (f.count == 1) f.text = "index " + std::to_string((int64_t)index) + " of an array declared as " + type;
}
void sr_atomic(const void* address, int size) {
  if (M.running) atomic_sync((u64)address);
  u32 log_size = size == 8 ? 3 : size == 4 ? 2 : size == 2 ? 1 : 0;
  access((u64)address, log_size, ATOMIC, CALLER);
}
void __sanitizer_cov_trace_pc() {
  if (!M.running || !M.tracing) return;
  Lane& lane = M.lanes[M.current];
  if (UNLIKELY(lane.events.size() == lane.events.capacity())) trace_grow(lane);
  lane.events.push_back(Event{M.depth_key | ((u32)CALLER & 0xffffff), BLOCK, 0, 0, 0});
}
}
