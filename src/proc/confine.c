/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/confine.h"

#include "base/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From here to the exec: only what is safe between fork and exec of a process with threads. */

static bool set_limit(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return false;
    limit.rlim_cur = limit.rlim_max < value ? limit.rlim_max : value;
    limit.rlim_max = limit.rlim_cur;
    return setrlimit(resource, &limit) == 0;
}

static bool set_limits(const struct proc_confinement *confinement)
{
    return (!confinement->memory_bytes || set_limit(RLIMIT_AS, confinement->memory_bytes)) &&
           (!confinement->cpu_seconds || set_limit(RLIMIT_CPU, confinement->cpu_seconds)) &&
           (!confinement->files || set_limit(RLIMIT_NOFILE, confinement->files)) &&
           (!confinement->writes_no_files || set_limit(RLIMIT_FSIZE, 0)) && set_limit(RLIMIT_CORE, 0);
}

/* FD, or /dev/null, as AS; FD is higher than any AS. */
static bool put_fd(int fd, int as, int flags)
{
    int from = fd >= 0 ? fd : open("/dev/null", flags);
    return from >= 0 && (from == as || dup2(from, as) == as);
}

/* *STATUS_FD moves behind the program's own descriptors; all others are closed. */
static bool put_fds(const struct proc_confined_start *start, int *status_fd)
{
    int last = 2;
    if (!put_fd(start->input, 0, O_RDONLY) || !put_fd(start->output, 1, O_WRONLY) ||
        !put_fd(start->errors, 2, O_WRONLY))
        return false;
    for (size_t i = 0; i < start->fd_count; i++) {
        int as = start->fds_as[i].as;
        if (dup2(start->fds[i], as) != as)
            return false;
        last = as > last ? as : last;
    }
    if (dup3(*status_fd, last + 1, O_CLOEXEC) < 0)
        return false;
    *status_fd = last + 1;
    return close_range((unsigned)last + 2, ~0U, 0) == 0;
}

static void leave_network(void)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        errno = 0; /* as it comes */
}

/* The call's number, and the low half of its first argument, as seccomp shows them. */
#define CALL_NUMBER offsetof(struct seccomp_data, nr)
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define CALL_FLAGS (offsetof(struct seccomp_data, args) + sizeof(uint32_t))
#else
#define CALL_FLAGS offsetof(struct seccomp_data, args)
#endif
#define REFUSE_WITH(errnum) (SECCOMP_RET_ERRNO | (errnum))

/*
 * Threads are made, processes aren't. clone3 has its flags in memory, which a filter can't see: glibc takes clone when
 * there is none. A program of another architecture has other numbers, and is left alone.
 */
static void forbid_processes(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CALL_NUMBER),
#ifdef SYS_fork
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 0, 1),   BPF_STMT(BPF_RET | BPF_K, REFUSE_WITH(EPERM)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 0, 1),  BPF_STMT(BPF_RET | BPF_K, REFUSE_WITH(EPERM)),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1), BPF_STMT(BPF_RET | BPF_K, REFUSE_WITH(ENOSYS)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CALL_FLAGS),        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, REFUSE_WITH(EPERM)),         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = ARRAY_LEN(code), .filter = code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        errno = 0; /* as it comes */
}

static bool become(const struct proc_confined_start *start, pid_t parent, int *status_fd)
{
    sigset_t none;
    sigemptyset(&none);
    if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return false;
    if (getppid() != parent)
        _exit(127);
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL); /* some can't be set */
    if (!put_fds(start, status_fd) || chdir("/") != 0)
        return false;
    if (start->confinement->no_network)
        leave_network();
    if (!set_limits(start->confinement) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    if (start->confinement->no_processes)
        forbid_processes();
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static NORETURN void child_main(const struct proc_confined_start *start, pid_t parent, int status_fd)
{
    union { /* execve takes char *const[] for history's sake; it changes neither */
        const char *const *in;
        char *const *out;
    } argv = {.in = start->argv}, env = {.in = start->env};
    if (become(start, parent, &status_fd))
        execve(start->path, argv.out, env.out);
    int errnum = errno;
    while (write(status_fd, &errnum, sizeof(errnum)) < 0 && errno == EINTR)
        ;
    _exit(127);
}

int proc_start_confined(const struct proc_confined_start *start, pid_t *ret_pid)
{
    int status[2];
    sigset_t all, before;
    if (pipe2(status, O_CLOEXEC) != 0)
        return errno;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler of this process runs in the child */
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(status[0]);
        child_main(start, parent, status[1]);
    }
    int errnum = pid < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(status[1]);
    ssize_t n = 0;
    while (pid > 0 && (n = read(status[0], &errnum, sizeof(errnum))) < 0 && errno == EINTR)
        ;
    close(status[0]);
    if (pid > 0 && n != 0) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        return n == sizeof(errnum) && errnum ? errnum : EIO;
    }
    if (pid > 0)
        *ret_pid = pid;
    return errnum;
}
