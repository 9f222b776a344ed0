/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/run.h"

#include "base/alloc.h"
#include "proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HIGH_FD = 64, READ_CHUNK = 65536 };

static const char *const default_env[] = {"PATH=" PROC_PATH_DEFAULT, "LC_ALL=C", NULL};

/* One run: descriptors of this side, all closed by child_done. */
struct child {
    pid_t pid;     /* 0 when none is alive */
    int input;     /* what the program reads */
    int out[2];    /* pipe of standard output; -1 when it goes elsewhere */
    int errors[2]; /* pipe of standard error */
    int elsewhere; /* a copy of where standard output goes */
    int high[PROC_DESCRIPTORS_MAX];
    size_t high_count;
    int wait_status;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What the program started goes with it: until it is waited for, no other group can have its number. */
static void reap(struct child *child)
{
    if (child->pid <= 0)
        return;
    kill(-child->pid, SIGKILL);
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &child->wait_status, 0) < 0 && errno == EINTR)
        ;
    child->pid = 0;
}

static void child_done(struct child *child)
{
    reap(child);
    close_fd(&child->input);
    close_fd(&child->out[0]);
    close_fd(&child->out[1]);
    close_fd(&child->errors[0]);
    close_fd(&child->errors[1]);
    close_fd(&child->elsewhere);
    for (size_t i = 0; i < child->high_count; i++)
        close_fd(&child->high[i]);
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int proc_find(const char *name, const char *search_path, struct buf *out, struct err *err)
{
    struct str rest = str_z(search_path ? search_path : PROC_PATH_DEFAULT);
    struct str dir;
    struct buf path CLEANUP_BUF = BUF_INIT;
    if (strchr(name, '/')) {
        if (name[0] != '/' || !is_program(name))
            return err_set(err, ERR_NOT_FOUND, "program '%s' was not found", name);
        buf_add_z(out, name);
        return buf_check(out, err);
    }
    struct str all = rest;
    while (str_next(&rest, ':', &dir)) {
        if (dir.len == 0 || dir.ptr[0] != '/')
            continue; /* the current directory is never searched */
        buf_reset(&path);
        buf_add_str(&path, dir);
        buf_add_char(&path, '/');
        buf_add_z(&path, name);
        if (buf_check(&path, err) != 0)
            return -ERR_NOMEM;
        if (is_program(path.ptr)) {
            buf_add_str(out, buf_str(&path));
            return buf_check(out, err);
        }
    }
    return err_set(err, ERR_NOT_FOUND, "program '%s' was not found in '%.*s'", name, STR_ARG(all));
}

int proc_memory_fd(const char *name, struct str bytes, int *ret_fd, struct err *err)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "can't make memory for '%s'", name);
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int rc = err_errno(err, errno, "can't fill memory for '%s'", name);
            close(fd);
            return rc;
        }
        done += (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) < 0) {
        int rc = err_errno(err, errno, "can't rewind memory for '%s'", name);
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

/* Makes the descriptors that the program will get; numbers that could collide with its own are moved out of the way. */
static int prepare(const struct proc_run *run, struct child *child, struct err *err)
{
    if (run->fd_count > PROC_DESCRIPTORS_MAX)
        return err_set(err, ERR_INTERNAL, "too many descriptors for '%s'", run->program);
    if (run->input.len > 0) {
        int rc = proc_memory_fd("input", run->input, &child->input, err);
        if (rc != 0)
            return rc;
    }
    if (run->output ? pipe2(child->out, O_CLOEXEC) != 0 : false)
        return err_errno(err, errno, "can't make a pipe for '%s'", run->program);
    if (!run->output && run->output_fd >= 0) {
        child->elsewhere = fcntl(run->output_fd, F_DUPFD_CLOEXEC, HIGH_FD);
        if (child->elsewhere < 0)
            return err_errno(err, errno, "can't pass a descriptor to '%s'", run->program);
    }
    if (pipe2(child->errors, O_CLOEXEC) != 0)
        return err_errno(err, errno, "can't make a pipe for '%s'", run->program);
    for (size_t i = 0; i < run->fd_count; i++) {
        child->high[i] = fcntl(run->fds[i].fd, F_DUPFD_CLOEXEC, HIGH_FD);
        if (child->high[i] < 0)
            return err_errno(err, errno, "can't pass a descriptor to '%s'", run->program);
        child->high_count = i + 1;
    }
    return 0;
}

static int add_actions(const struct proc_run *run, const struct child *child, posix_spawn_file_actions_t *actions)
{
    int rc = child->input >= 0 ? posix_spawn_file_actions_adddup2(actions, child->input, 0)
                               : posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    int out = child->out[1] >= 0 ? child->out[1] : child->elsewhere;
    if (rc == 0)
        rc = out >= 0 ? posix_spawn_file_actions_adddup2(actions, out, 1)
                      : posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(actions, child->errors[1], 2);
    int last = 2;
    for (size_t i = 0; i < run->fd_count && rc == 0; i++) {
        rc = posix_spawn_file_actions_adddup2(actions, child->high[i], run->fds[i].as);
        if (run->fds[i].as > last)
            last = run->fds[i].as;
    }
    return rc == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, last + 1) : rc;
}

/* Starts it as any program: 0, or an errno. */
static int spawn(const struct proc_run *run, const char *path, const struct child *child, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int errnum = posix_spawn_file_actions_init(&actions);
    if (errnum != 0)
        return errnum;
    errnum = posix_spawnattr_init(&attr);
    if (errnum != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return errnum;
    }
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    errnum = add_actions(run, child, &actions);
    /* posix_spawn takes char *const[] for history's sake; it changes neither. */
    union {
        const char *const *in;
        char *const *out;
    } argv = {.in = run->argv}, env = {.in = run->env ? run->env : default_env};
    if (errnum == 0)
        errnum = posix_spawn(ret_pid, path, &actions, &attr, argv.out, env.out);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return errnum;
}

static int start_confined(const struct proc_run *run, const char *path, const struct child *child, pid_t *ret_pid)
{
    struct proc_confined_start start = {
        .path = path,
        .argv = run->argv,
        .env = run->env ? run->env : default_env,
        .confinement = run->confinement,
        .input = child->input,
        .output = child->out[1] >= 0 ? child->out[1] : child->elsewhere,
        .errors = child->errors[1],
        .fds = child->high,
        .fds_as = run->fds,
        .fd_count = run->fd_count,
    };
    return proc_start_confined(&start, ret_pid);
}

static int start(const struct proc_run *run, const char *path, struct child *child, struct err *err)
{
    pid_t pid = 0;
    int errnum = run->confinement ? start_confined(run, path, child, &pid) : spawn(run, path, child, &pid);
    if (errnum == ENOEXEC)
        return err_set(err, ERR_UNSUPPORTED, "can't start '%s': %s", path, strerrordesc_np(errnum));
    if (errnum != 0)
        return err_set(err, ERR_PROCESS, "can't start '%s': %s", path, strerrordesc_np(errnum));
    child->pid = pid;
    close_fd(&child->input);
    close_fd(&child->out[1]);
    close_fd(&child->errors[1]);
    close_fd(&child->elsewhere);
    return 0;
}

/* Keeps the last PROC_MESSAGES_MAX bytes of what the program says. */
static void keep_tail(struct proc_result *result, const char *data, size_t len)
{
    if (len > PROC_MESSAGES_MAX) {
        data += len - PROC_MESSAGES_MAX;
        len = PROC_MESSAGES_MAX;
    }
    size_t kept = result->messages_len;
    if (kept + len > PROC_MESSAGES_MAX) {
        size_t drop = kept + len - PROC_MESSAGES_MAX;
        memmove(result->messages, result->messages + drop, kept - drop);
        kept -= drop;
    }
    memcpy(result->messages + kept, data, len);
    result->messages_len = kept + len;
    result->messages[result->messages_len] = '\0';
}

/* Takes what is there from *FD; closes it at the end of the stream. */
static int drain(const struct proc_run *run, struct child *child, bool errors, struct proc_result *result,
                 struct err *err)
{
    int *fd = errors ? &child->errors[0] : &child->out[0];
    char chunk[READ_CHUNK];
    ssize_t n = read(*fd, chunk, sizeof(chunk));
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : err_errno(err, errno, "can't read from '%s'", run->program);
    if (n == 0)
        close_fd(fd);
    else if (errors)
        keep_tail(result, chunk, (size_t)n);
    else if (run->output->len + (size_t)n > run->output_limit_bytes)
        return err_set(err, ERR_LIMIT, "'%s' wrote more than %llu bytes", run->program,
                       (unsigned long long)run->output_limit_bytes);
    else
        buf_add(run->output, chunk, (size_t)n);
    return run->output ? buf_check(run->output, err) : 0;
}

/* One look at both pipes for at most TIMEOUT_MS; *ret_any tells whether something came. */
static int pump(const struct proc_run *run, struct child *child, int timeout_ms, struct proc_result *result,
                bool *ret_any, struct err *err)
{
    struct pollfd fds[2] = {{.fd = child->out[0], .events = POLLIN}, {.fd = child->errors[0], .events = POLLIN}};
    *ret_any = false;
    int ready = poll(fds, 2, timeout_ms);
    if (ready < 0 && errno != EINTR)
        return err_errno(err, errno, "can't wait for '%s'", run->program);
    for (size_t i = 0; ready > 0 && i < 2; i++) {
        if (fds[i].fd < 0 || fds[i].revents == 0)
            continue;
        int rc = drain(run, child, i == 1, result, err);
        if (rc != 0)
            return rc;
        *ret_any = true;
    }
    return 0;
}

/* Until the program ended and its output was taken; a grandchild that keeps a pipe open is not waited for. */
static int wait_for(const struct proc_run *run, struct child *child, const struct op_ctx *ctx,
                    struct proc_result *result, struct err *err)
{
    int nap_ms = 0;
    for (;;) {
        bool any;
        bool open = child->out[0] >= 0 || child->errors[0] >= 0;
        int rc = pump(run, child, open ? PROC_POLL_INTERVAL_MS : nap_ms, result, &any, err);
        if (rc == 0)
            rc = op_check(ctx, err);
        if (rc != 0)
            return rc;
        if (any)
            continue;
        siginfo_t ended = {.si_pid = 0};
        int waited = waitid(P_PID, (id_t)child->pid, &ended, WEXITED | WNOHANG | WNOWAIT);
        if (waited == 0 && ended.si_pid == child->pid) {
            reap(child);
            break;
        }
        if (waited < 0 && errno != EINTR)
            return err_errno(err, errno, "can't wait for '%s'", run->program);
        if (nap_ms < PROC_POLL_INTERVAL_MS)
            nap_ms = nap_ms * 2 + 1;
    }
    for (bool any = true; any && (child->out[0] >= 0 || child->errors[0] >= 0);) {
        int rc = pump(run, child, 0, result, &any, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int proc_run(const struct proc_run *run, const struct op_ctx *ctx, struct proc_result *ret_result, struct err *err)
{
    struct buf path CLEANUP_BUF = BUF_INIT;
    struct child child CLEANUP(child_done) = {.input = -1, .out = {-1, -1}, .errors = {-1, -1}, .elsewhere = -1};
    struct proc_result *result CLEANUP_MEM = mem_calloc(1, sizeof(*result));
    if (!result)
        return err_nomem(err);
    int rc = op_check(ctx, err);
    if (rc == 0)
        rc = proc_find(run->program, run->search_path, &path, err);
    if (rc == 0)
        rc = prepare(run, &child, err);
    if (rc == 0)
        rc = start(run, path.ptr, &child, err);
    if (rc == 0)
        rc = wait_for(run, &child, ctx, result, err);
    if (rc != 0)
        return rc;
    result->exit_status = WIFEXITED(child.wait_status) ? WEXITSTATUS(child.wait_status) : -1;
    result->signal = WIFSIGNALED(child.wait_status) ? WTERMSIG(child.wait_status) : 0;
    *ret_result = *result;
    return 0;
}

int proc_failure(const char *name, const struct proc_result *result, struct err *err)
{
    /* The last lines tell most; a whole tail would drown the message. */
    struct str tail = str_trim(str_of(result->messages, result->messages_len));
    if (tail.len > 400) {
        tail = str_skip(tail, tail.len - 400);
        tail = str_skip(tail, str_find_char(tail, '\n') + 1);
    }
    const char *separator = tail.len > 0 ? ": " : "";
    if (result->signal != 0)
        return err_set(err, ERR_PROCESS, "'%s' was killed by signal %d%s%.*s", name, result->signal, separator,
                       STR_ARG(tail));
    return err_set(err, ERR_PROCESS, "'%s' failed with exit status %d%s%.*s", name, result->exit_status, separator,
                   STR_ARG(tail));
}

int proc_run_checked(const struct proc_run *run, const struct op_ctx *ctx, struct err *err)
{
    struct proc_result *result CLEANUP_MEM = mem_calloc(1, sizeof(*result));
    if (!result)
        return err_nomem(err);
    int rc = proc_run(run, ctx, result, err);
    if (rc != 0)
        return rc;
    return result->exit_status == 0 ? 0 : proc_failure(run->program, result, err);
}
