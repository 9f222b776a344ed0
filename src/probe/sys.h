/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/sys.h - the system calls of the probe, made without a C library: x86-64 and aarch64 Linux.
 *
 * Each gives what the kernel gives: 0 or more, or a negative errno. The headers of the C library lend numbers and
 * structures alone; on these two machines its structures are the kernel's.
 */
#include <asm/unistd.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__) && !defined(__ILP32__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__) && !defined(__ILP32__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "the probe knows the system calls of x86-64 and aarch64 only"
#endif
}

static inline long sys_socket(int family, int type)
{
    return sys_call(__NR_socket, family, type, 0, 0, 0, 0);
}

static inline long sys_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    return sys_call(__NR_connect, fd, (long)address, (long)len, 0, 0, 0);
}

static inline long sys_send(int fd, const void *bytes, size_t len)
{
    return sys_call(__NR_sendto, fd, (long)bytes, (long)len, MSG_NOSIGNAL, 0, 0);
}

static inline long sys_read(int fd, void *bytes, size_t size)
{
    return sys_call(__NR_read, fd, (long)bytes, (long)size, 0, 0, 0);
}

static inline long sys_write(int fd, const void *bytes, size_t len)
{
    return sys_call(__NR_write, fd, (long)bytes, (long)len, 0, 0, 0);
}

static inline long sys_close(int fd)
{
    return sys_call(__NR_close, fd, 0, 0, 0, 0, 0);
}

/* The error that a connection ended with, or 0. */
static inline long sys_socket_error(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;
    long got = sys_call(__NR_getsockopt, fd, SOL_SOCKET, SO_ERROR, (long)&error, (long)&len, 0);
    return got < 0 ? got : -error;
}

/* FD is -1 to wait for time alone. */
static inline long sys_poll(int fd, short events, uint64_t timeout_ns)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000), .tv_nsec = (long)(timeout_ns % 1000000000)};
    return sys_call(__NR_ppoll, (long)&wanted, 1, (long)&timeout, 0, 0, 0);
}

/* Monotonic, from an arbitrary start. */
static inline uint64_t sys_now_ns(void)
{
    struct timespec now = {0};
    sys_call(__NR_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* From here on a write to a pipe that nobody reads fails, instead of ending the process. */
static inline void sys_block_sigpipe(void)
{
    uint64_t mask = UINT64_C(1) << (13 - 1);
    sys_call(__NR_rt_sigprocmask, 0 /* SIG_BLOCK */, (long)&mask, 0, sizeof mask, 0, 0);
}
