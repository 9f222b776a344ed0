/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the kernel enters the probe, without a C library. Position-independent code that needs no relocation: no
 * static pointers anywhere in it (tools/check-probe holds it to that).
 */
#include "probe/probe.h"
#include "probe/sys.h"

/* The stack of a new process: how many words, the words, NULL, the variables, NULL (x86-64 psABI 3.4.1; AAPCS64). */
__attribute__((noreturn, used)) static void start(long *stack)
{
    char **argv = (char **)(stack + 1);
    int status = probe_run(argv, argv + stack[0] + 1);
    for (;;)
        sys_call(__NR_exit_group, status, 0, 0, 0, 0, 0);
}

#if defined(__x86_64__)
__asm__(".text\n.globl _start\n.hidden _start\n.type _start, @function\n_start:\n"
        "    endbr64\n    xor %ebp, %ebp\n    mov %rsp, %rdi\n    and $-16, %rsp\n    call start\n    hlt\n"
        ".size _start, . - _start\n");
#else
__asm__(".text\n.globl _start\n.hidden _start\n.type _start, @function\n_start:\n"
        "    hint #34\n    mov x29, #0\n    mov x30, #0\n    mov x0, sp\n    bl start\n    brk #1\n"
        ".size _start, . - _start\n");
#endif

/* Compilers call these for assignments of structures, freestanding or not. */
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *to, int byte, size_t len);

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    char *out = to;
    const char *in = from;
    for (size_t i = 0; i < len; i++) {
        out[i] = in[i];
        __asm__ volatile("" ::: "memory"); /* or the loop becomes a call of this very function */
    }
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    char *out = to;
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)byte;
        __asm__ volatile("" ::: "memory");
    }
    return to;
}
