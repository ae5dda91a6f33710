// One launch, one process: reads a job from standard input, runs it, writes a report to standard
// output. `--describe` prints the types of the kernels' parameters instead.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <sstream>

#include "machine.h"

struct sr_entry { const char* name; void (*call)(void**); void (*describe)(char*, size_t); };
extern "C" const sr_entry sr_entries[];
extern "C" const u32 sr_entry_count;
extern "C" { thread_local char sr_tls_anchor[16]; }

namespace sr {
Machine M;

constexpr size_t PRINTED = 1 << 20;
static std::string printed;
static u64 text_low, text_high;
struct Kept { u64 address, offset, size; };  // a global of the module and where its bytes stay

static void fail(const std::string& why) {
  std::cout << "failed " << why << "\n" << std::flush;
  _exit(3);
}

// The place in the kernel that is being run: the address itself, or its first caller there.
static u32 place(const ucontext_t* context) {
#if defined(__x86_64__)
  u64 pc = (u64)context->uc_mcontext.gregs[REG_RIP], frame = (u64)context->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
  u64 pc = context->uc_mcontext.pc, frame = context->uc_mcontext.regs[29];
#endif
  u64 top = (u64)M.fibers[M.fiber].top;
  for (int depth = 0; depth < 32; depth++) {
    if (pc >= text_low && pc < text_high) return (u32)pc + (depth == 0);
    if (frame < top - STACK || frame >= top - 16 || frame % 8) return 0;
    pc = ((u64*)frame)[1];
    frame = *(u64*)frame;
  }
  return 0;
}

static void on_signal(int signal, siginfo_t* info, void* context) {
  if (!M.running) _exit(4);
  u32 pc = place((const ucontext_t*)context);
  u64 address = (u64)info->si_addr, top = (u64)M.fibers[M.fiber].top;
  M.running = false;
  if (signal == SIGALRM) stop("endless-loop", pc, "the launch used up its time");
  if (signal == SIGFPE) stop("integer-division", pc, "an integer is divided by zero, or by -1 out of range");
  if (signal == SIGILL || signal == SIGTRAP) stop("stopped", pc, "the kernel ran into code that cannot be reached");
  // The processor's own check of wide accesses; it gives no address.
#ifdef SI_KERNEL
  if (signal == SIGSEGV && info->si_code == SI_KERNEL) stop("stopped", pc, "a misaligned access ends the launch");
#endif
  if (address < PAGE) stop("null-pointer", pc, "");
  if (address < top && address >= top - STACK - 2 * PAGE) stop("stack-overflow", pc, "");
  stop("wild-pointer", pc, "");
}

static void catch_signals(double seconds) {
  stack_t alternate{};
  alternate.ss_size = 1 << 16;
  alternate.ss_sp = malloc(alternate.ss_size);
  sigaltstack(&alternate, nullptr);
  struct sigaction action{};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGALRM}) sigaction(signal, &action, nullptr);
  itimerval timer{};
  timer.it_value.tv_sec = (time_t)seconds;
  timer.it_value.tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6);
  setitimer(ITIMER_REAL, &timer, nullptr);
}

static void add_region(std::istream& in) {
  u32 space, read_only, shift;
  char where;
  long long at;
  Region r{};
  in >> space >> read_only >> where >> at >> r.size >> shift >> r.name;
  r.space = (Space)space;
  r.read_only = read_only;
  r.shift = shift;
  r.id = (u32)M.regions.size();
  r.low = where == 'a' ? ARENA + (u64)at : where == 't' ? (u64)sr_tls_anchor + (u64)at : (u64)at;
  M.regions.push_back(r);
  if (where != 'a') return;
  for (u64 page = (u64)at / PAGE; page * PAGE < (u64)at + r.size; page++) M.pages[page] = (u16)(r.id + 1);
}

static void map_arena(int file, u64 size) {
  void* at = mmap((void*)ARENA, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
  if (at != (void*)ARENA) fail("the arrays cannot be mapped");
  M.arena_size = size;
}

typedef std::unique_ptr<char, decltype(&free)> Bytes;
static Bytes argument(const std::string& hex) {
  char* bytes = (char*)aligned_alloc(64, (hex.size() / 2 + 63) / 64 * 64 + 64);
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes[i / 2] = (char)strtoul(hex.substr(i, 2).c_str(), nullptr, 16);
  return Bytes(bytes, free);
}

static void write_findings(std::string& out) {
  char line[512];
  for (const Finding* f : findings()) {
    snprintf(line, sizeof line, "finding %s %u %u %d %lld %u %llu %u %u %u %u %u %u %u %u ", f->kind.c_str(), f->pc,
             f->other_pc, f->region, f->offset, f->size, (unsigned long long)f->count, f->thread, f->block.x,
             f->block.y, f->block.z, f->other_thread, f->other_block.x, f->other_block.y, f->other_block.z);
    out += line + f->text + "\n";
  }
}

static void report(const std::vector<Kept>& kept) {
  itimerval off{};
  setitimer(ITIMER_REAL, &off, nullptr);
  for (const Kept& k : kept) memcpy((void*)(ARENA + k.offset), (void*)k.address, k.size);
  std::string out;
  write_findings(out);
  write_requests(out);
  out += "done " + std::to_string(M.accesses) + " " + std::to_string(M.barriers) + "\n";
  if (M.stopped) out += "stopped " + M.why_stopped + "\n";
  out += "printed\n" + printed;
  std::cout << out << std::flush;
}

static int launch() {
  Job& job = M.job;
  std::vector<Kept> kept;
  std::vector<Bytes> values;
  std::vector<void*> pointers;
  std::string word;
  while (std::cin >> word) {
    if (word == "kernel") std::cin >> job.kernel;
    else if (word == "checks") std::cin >> job.races >> job.metrics >> job.strict;
    else if (word == "grid") std::cin >> M.grid_size.x >> M.grid_size.y >> M.grid_size.z;
    else if (word == "block") std::cin >> M.block_size.x >> M.block_size.y >> M.block_size.z;
    else if (word == "limits") std::cin >> job.budget >> job.seconds;
    else if (word == "text") std::cin >> text_low >> text_high;
    else if (word == "region") add_region(std::cin);
    else if (word == "arena") {
      int file;
      u64 size;
      std::cin >> file >> size;
      map_arena(file, size);
    } else if (word == "global") {
      Kept k;
      int restore;
      std::cin >> k.address >> k.offset >> k.size >> restore;
      if (restore) memcpy((void*)k.address, (void*)(ARENA + k.offset), k.size);
      kept.push_back(k);
    } else if (word == "argument") {
      std::string hex;
      std::cin >> hex;
      values.push_back(argument(hex));
      pointers.push_back(values.back().get());
    } else fail("unknown word in the job: " + word);
  }
  if (job.kernel >= sr_entry_count) fail("no such kernel");
  if (M.regions.empty()) M.regions.push_back(Region{});
  M.last = &M.regions[0];
  M.races = job.races, M.tracing = job.metrics, M.budget = job.budget;
  M.threads = M.block_size.x * M.block_size.y * M.block_size.z;
  M.call = sr_entries[job.kernel].call;
  M.arguments = pointers.data();
  if (job.races)
    for (Region& r : M.regions) make_cells(r, r.shift);
  catch_signals(job.seconds);
  run_grid();
  report(kept);
  return 0;
}
}  // namespace sr

// A kernel's printf: a limited amount, and no %n, which writes.
extern "C" int sr_printf(const char* format, ...) {
  if (strstr(format, "%n") || strstr(format, "%hn") || strstr(format, "%ln") || strchr(format, '$')) return -1;
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (sr::printed.size() < sr::PRINTED) sr::printed += text;
  return n;
}

// One parameter's type, as sixrounds/cuda/signature.py reads it.
extern "C" int sr_describe(char* to, size_t room, int pointer, int kind, int size, int width, int constant, int bytes) {
  return snprintf(to, room, "%c%c%dx%d%c%d ", pointer ? 'p' : 'v', kind, size, width, constant ? 'c' : 'm', bytes);
}

int main(int count, char** words) {
  rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (count > 1 && !strcmp(words[1], "--describe")) {
    char text[4096];
    for (u32 i = 0; i < sr_entry_count; i++) {
      sr_entries[i].describe(text, sizeof text);
      printf("%s\n", text);
    }
    return 0;
  }
  return sr::launch();
}
