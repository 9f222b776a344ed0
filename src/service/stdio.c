/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stdio.c - one client on standard input and output, one message a line.
 *
 * The reader answers what is quick itself, with one write; the rest goes to threads (service/stdio_work.h). It never
 * waits for anything but input, a stop, and a client that does not read.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/pool.h"
#include "service/service.h"
#include "service/stdio_work.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define INVALID_REQUEST (-32600)
#define SERVER_BUSY     (-32000)

enum {
    READ_BYTES = 64 << 10,
    KEEP_BYTES = 1 << 20,    /* memory of a large message that is not given back */
    INLINE_BYTES = 64 << 10, /* pure work on fewer bytes is done before a thread would have woken up */
    THREADS_MIN = 4,         /* a build waits for the network: it must not keep checks waiting */
    GRACE_MS = 100,          /* for answers in work when input ends: `printf ... | barehull serve --stdio` gets them */
    STOP_MS = 1500,          /* clients send SIGTERM two seconds behind the end of input */
};

/* An open subscriptions/listen. */
struct subscription {
    struct subscription *next;
    struct str id, last; /* behind the structure */
};

struct client {
    struct service *service;
    struct line_output out;
    struct stdio_work *work;
    struct mcp_peer peer;
    struct buf in;      /* what was read and not yet answered */
    size_t searched;    /* no line end before */
    bool skipping;      /* up to the next line end: the line was too long */
    struct arena arena; /* of the message that the reader answers */
    struct buf answer;
    struct subscription *subscriptions;
    unsigned subscription_count;
};

/* --- subscriptions -------------------------------------------------------------------------------------------- */

static struct subscription **find_subscription(struct client *client, struct str id)
{
    struct subscription **at = &client->subscriptions;
    while (*at && !str_eq((*at)->id, id))
        at = &(*at)->next;
    return at;
}

static void end_subscription(struct client *client, struct subscription **at)
{
    struct subscription *gone = *at;
    *at = gone->next;
    mem_free(gone);
    client->subscription_count--;
}

static bool add_subscription(struct client *client, struct str id, struct str last)
{
    if (client->subscription_count >= client->service->config->streams)
        return false;
    struct subscription *fresh = mem_alloc(sizeof(*fresh) + id.len + last.len);
    if (!fresh)
        return false;
    char *bytes = (char *)(fresh + 1);
    memcpy(bytes, id.ptr, id.len);
    memcpy(bytes + id.len, last.ptr, last.len);
    *fresh = (struct subscription){client->subscriptions, str_of(bytes, id.len), str_of(bytes + id.len, last.len)};
    client->subscriptions = fresh;
    client->subscription_count++;
    return true;
}

/* Those that we end ourselves are told so; whoever ended its input knows. */
static void end_subscriptions(struct client *client, bool tell)
{
    while (client->subscriptions) {
        if (tell)
            line_output_send(&client->out, client->subscriptions->last);
        end_subscription(client, &client->subscriptions);
    }
}

/* --- messages ------------------------------------------------------------------------------------------------- */

static void notify(void *self, struct str message)
{
    line_output_send(self, message);
}

static void answer_here(struct client *client, const struct mcp_message *message)
{
    struct mcp_answer answer = {.kind = MCP_ANSWER_NONE};
    struct err err = ERR_INIT;
    const struct mcp_exchange exchange = {.arena = &client->arena, .notify = notify, .notify_self = &client->out};
    int rc = mcp_answer(client->service->mcp, &client->peer, message, &exchange, &client->answer, &answer, &err);
    if (rc)
        stdio_refuse(&client->out, message->id, err_rpc_code(err.code), "Internal error: out of memory");
    else if (answer.kind == MCP_ANSWER_OPEN && !add_subscription(client, message->id, answer.last))
        stdio_refuse(&client->out, message->id, SERVER_BUSY, "Server busy: too many subscriptions");
    else if (answer.kind != MCP_ANSWER_NONE)
        line_output_send(&client->out, buf_str(&client->answer));
}

/* Hands the arena, and bytes of its own, to a thread. MESSAGE was read from LINE. */
static void answer_elsewhere(struct client *client, const struct mcp_message *message, char *bytes)
{
    struct stdio_job *job = mem_calloc(1, sizeof(*job));
    if (!job) {
        stdio_refuse(&client->out, message->id, SERVER_BUSY, "Server busy: out of memory");
        mem_free(bytes);
        return;
    }
    job->peer = client->peer;
    job->message = *message;
    job->arena = client->arena;
    job->bytes = bytes;
    client->arena = ARENA_INIT;
    atomic_init(&job->cancelled, false);
    if (stdio_work_add(client->work, job))
        return;
    stdio_refuse(&client->out, message->id, SERVER_BUSY, "Server busy: too many requests are waiting");
    stdio_job_free(job);
}

static void cancel(struct client *client, struct str id)
{
    struct subscription **at = find_subscription(client, id);
    if (*at)
        end_subscription(client, at);
    else
        (void)stdio_work_cancel(client->work, id);
}

/* Gives back what a large message needed. */
static void forget(struct client *client)
{
    if (client->arena.used_bytes > KEEP_BYTES)
        arena_done(&client->arena);
    else
        arena_reset(&client->arena);
    if (client->answer.cap > KEEP_BYTES)
        buf_done(&client->answer);
    else
        buf_reset(&client->answer);
}

/*
 * A message that stays beyond this call stands on bytes of its own, so that it is read from a copy at once when it is
 * large: only small ones are read in place, and again when it turns out that they stay.
 */
static bool read_message(struct client *client, struct str line, struct mcp_message *ret_message)
{
    struct err err = ERR_INIT;
    if (mcp_read(client->service->mcp, &client->peer, NULL, line, &client->arena, ret_message, &err) == 0)
        return true;
    stdio_refuse(&client->out, STR_NONE, err_rpc_code(err.code), "Internal error: out of memory");
    return false;
}

static bool is_in_work(struct client *client, const struct mcp_message *message)
{
    return message->id.len > 0 &&
           (*find_subscription(client, message->id) || stdio_work_has(client->work, message->id));
}

static void handle(struct client *client, struct str line)
{
    struct mcp_message message;
    bool small = line.len <= INLINE_BYTES;
    char *bytes = small ? NULL : mem_dup(line.ptr, line.len);
    if (!small && !bytes) {
        stdio_refuse(&client->out, STR_NONE, SERVER_BUSY, "Server busy: out of memory");
        return;
    }
    if (read_message(client, small ? line : str_of(bytes, line.len), &message)) {
        if (message.kind == MCP_NOTIFICATION && message.cancels.len > 0)
            cancel(client, message.cancels);
        if (is_in_work(client, &message)) {
            stdio_refuse(&client->out, message.id, INVALID_REQUEST,
                         "Invalid request: a request with this id is in work already");
        } else if (message.quick || (small && message.pure)) {
            answer_here(client, &message);
        } else if (!small) {
            answer_elsewhere(client, &message, TAKE_PTR(bytes));
        } else if ((bytes = mem_dup(line.ptr, line.len)) == NULL) {
            stdio_refuse(&client->out, message.id, SERVER_BUSY, "Server busy: out of memory");
        } else {
            arena_reset(&client->arena);
            if (read_message(client, str_of(bytes, line.len), &message))
                answer_elsewhere(client, &message, TAKE_PTR(bytes));
        }
    }
    mem_free(bytes);
    forget(client);
}

/* --- lines ---------------------------------------------------------------------------------------------------- */

static void handle_line(struct client *client, struct str line)
{
    if (str_trim(line).len > 0)
        handle(client, line.ptr[line.len - 1] == '\r' ? str_head(line, line.len - 1) : line);
}

/* The protocol's own answer to a message beyond its limit, which looks at none of its bytes. */
static void refuse_long_line(struct client *client)
{
    struct mcp_message message;
    struct str line = str_of(client->in.ptr, LIMIT_MCP_MESSAGE_BYTES + 1);
    if (read_message(client, line, &message))
        answer_here(client, &message);
    forget(client);
    client->skipping = true;
}

/* Answers the whole lines among what was read, and keeps what is behind them. */
static void take_lines(struct client *client)
{
    struct buf *in = &client->in;
    size_t begin = 0;
    char *end;
    while ((end = memchr(in->ptr + client->searched, '\n', in->len - client->searched)) != NULL) {
        struct str line = str_of(in->ptr + begin, (size_t)(end - in->ptr) - begin);
        begin = client->searched = (size_t)(end - in->ptr) + 1;
        if (!client->skipping)
            handle_line(client, line);
        client->skipping = false;
    }
    if (begin > 0) {
        memmove(in->ptr, in->ptr + begin, in->len - begin);
        buf_truncate(in, in->len - begin);
    }
    client->searched = in->len;
    if (in->len > LIMIT_MCP_MESSAGE_BYTES && !client->skipping)
        refuse_long_line(client);
    if (client->skipping) {
        buf_truncate(in, 0);
        client->searched = 0;
    }
    if (in->len == 0 && in->cap > KEEP_BYTES)
        buf_done(in);
}

enum input { INPUT_MORE, INPUT_ENDED, INPUT_STOPPED };

static enum input read_more(struct client *client, int in_fd, int stop_fd, struct err *err)
{
    struct pollfd waits[] = {{.fd = in_fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
    if (poll(waits, ARRAY_LEN(waits), -1) < 0)
        return INPUT_MORE; /* a signal of somebody else's */
    if (waits[1].revents)
        return INPUT_STOPPED;
    if (!buf_reserve(&client->in, READ_BYTES)) {
        err_nomem(err);
        return INPUT_ENDED;
    }
    ssize_t got = read(in_fd, client->in.ptr + client->in.len, READ_BYTES);
    if (got > 0)
        client->in.len += (size_t)got;
    client->in.ptr[client->in.len] = '\0';
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return INPUT_MORE;
    return got > 0 ? INPUT_MORE : INPUT_ENDED;
}

static enum input serve(struct client *client, int in_fd, int stop_fd, struct err *err)
{
    enum input input = INPUT_MORE;
    while (input == INPUT_MORE && !atomic_load(&client->out.closed)) {
        size_t before = client->in.len;
        input = read_more(client, in_fd, stop_fd, err);
        if (client->in.len > before)
            take_lines(client);
    }
    /* A last line without its end: `printf %s '{...}' | barehull serve --stdio`. */
    if (input == INPUT_ENDED && client->in.len > 0 && !client->skipping)
        handle_line(client, buf_str(&client->in));
    return input;
}

static unsigned threads_of(const struct service_config *config)
{
    unsigned processors = pool_processors();
    if (config->workers > 0)
        return (unsigned)config->workers;
    return processors < THREADS_MIN ? THREADS_MIN : processors;
}

static void log_end_of(struct service *service, enum input input, bool clean)
{
    struct log_event event;
    log_begin(&event, &service->log, LOG_INFO, "stopped");
    log_z(&event, "reason",
          input == INPUT_STOPPED ? "signal"
          : input == INPUT_ENDED ? "end of input"
                                 : "output closed");
    log_bool(&event, "clean", clean);
    log_end(&event);
}

static void client_free(struct client *client)
{
    line_output_done(&client->out);
    arena_done(&client->arena);
    buf_done(&client->answer);
    buf_done(&client->in);
    mem_free(client);
}

static bool run(struct client *client, int in_fd, int stop_fd, struct err *failure)
{
    struct service *service = client->service;
    atomic_store(&service->state, SERVICE_READY);
    enum input input = serve(client, in_fd, stop_fd, failure);
    atomic_store(&service->state, SERVICE_DRAINING);
    end_subscriptions(client, input == INPUT_STOPPED);
    bool clean = stdio_work_end(client->work, input == INPUT_ENDED ? GRACE_MS : 0, STOP_MS);
    log_end_of(service, input, clean);
    return clean;
}

int service_run_stdio(struct service *service, int in_fd, int out_fd, int stop_fd, bool *ret_clean, struct err *err)
{
    struct client *client = mem_calloc(1, sizeof(*client));
    struct err failure = ERR_INIT;
    if (!client)
        return err_nomem(err);
    client->service = service;
    client->peer.transport = MCP_STDIO;
    line_output_init(&client->out, out_fd, in_fd, stop_fd);
    int rc = stdio_work_new(service->mcp, &client->out, threads_of(service->config), (unsigned)service->config->queue,
                            &client->work, err);
    *ret_clean = rc != 0 || run(client, in_fd, stop_fd, &failure);
    int problem = atomic_load(&client->out.problem);
    if (*ret_clean)
        client_free(client);
    if (rc == 0 && failure.code != ERR_NONE)
        rc = err_set(err, failure.code, "%s", failure.message);
    if (rc == 0 && problem)
        rc = err_errno(err, problem, "can't write to standard output");
    return rc;
}
