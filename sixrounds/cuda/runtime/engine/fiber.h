// Switching between threads of a block: each has a stack of its own, and they take turns.
// x86-64 is tested; the aarch64 version is written after the same plan and has not been run.
#pragma once

extern "C" void sr_switch(void** save, void* to);

#if defined(__x86_64__)
__asm__(
    ".text\n.globl sr_switch\n.type sr_switch,@function\nsr_switch:\n"
    " pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
    " movq %rsp,(%rdi)\n movq %rsi,%rsp\n"
    " popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n ret\n");
// A stack that, switched to, enters `entry`: six saved registers, its address, no caller.
static void* fresh_stack(char* top, void (*entry)()) {
  void** at = (void**)((unsigned long)top & ~15ul);
  *--at = nullptr;
  *--at = (void*)entry;
  for (int i = 0; i < 6; i++) *--at = nullptr;
  return at;
}
#elif defined(__aarch64__)
__asm__(
    ".text\n.globl sr_switch\n.type sr_switch,%function\nsr_switch:\n"
    " sub sp,sp,#160\n"
    " stp x19,x20,[sp]\n stp x21,x22,[sp,#16]\n stp x23,x24,[sp,#32]\n stp x25,x26,[sp,#48]\n"
    " stp x27,x28,[sp,#64]\n stp x29,x30,[sp,#80]\n"
    " stp d8,d9,[sp,#96]\n stp d10,d11,[sp,#112]\n stp d12,d13,[sp,#128]\n stp d14,d15,[sp,#144]\n"
    " mov x9,sp\n str x9,[x0]\n mov sp,x1\n"
    " ldp x19,x20,[sp]\n ldp x21,x22,[sp,#16]\n ldp x23,x24,[sp,#32]\n ldp x25,x26,[sp,#48]\n"
    " ldp x27,x28,[sp,#64]\n ldp x29,x30,[sp,#80]\n"
    " ldp d8,d9,[sp,#96]\n ldp d10,d11,[sp,#112]\n ldp d12,d13,[sp,#128]\n ldp d14,d15,[sp,#144]\n"
    " add sp,sp,#160\n ret\n");
static void* fresh_stack(char* top, void (*entry)()) {
  void** at = (void**)(((unsigned long)top & ~15ul) - 160);
  for (int i = 0; i < 20; i++) at[i] = nullptr;
  at[11] = (void*)entry;
  return at;
}
#else
#error "six rounds runs kernels on x86-64 (tested) and aarch64 (untested) only"
#endif
