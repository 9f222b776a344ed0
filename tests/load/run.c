/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 256, READ_AT_ONCE = 32 << 10, RETRY_MS = 10 };

#define SETTLE_NS 5000000000ULL

struct owed {
    struct load_template *template;
    uint64_t sent_ns, id;
};

struct connection {
    int fd; /* -1: closed */
    unsigned first, owed_count;
    struct owed owed[LOAD_DEPTH];
    struct buf out, in;
    size_t out_at;
    uint64_t answers; /* on this connection */
    bool idle;        /* asks once, then stays */
    bool wants_out;
};

struct run {
    struct load_options *options;
    struct load_totals *totals;
    struct connection *connections;
    unsigned count, open;
    int epoll;
    uint64_t next_id, started, stop_ns, last_answer_ns; /* started: requests; answers so far decide the rest */
    unsigned next_template;
    bool warming;
    struct buf chunks;
};

static bool is_over(const struct run *run)
{
    uint64_t wanted = run->warming ? run->options->warm_up : run->options->requests;
    if (wanted)
        return run->totals->answers + run->totals->lost >= wanted;
    return clock_monotonic_ns() >= run->stop_ns;
}

/* One more request may begin. */
static bool may_start(const struct run *run)
{
    if (run->warming)
        return run->started < run->options->warm_up;
    return run->options->requests ? run->started < run->options->requests : clock_monotonic_ns() < run->stop_ns;
}

static bool connect_to(struct run *run, struct connection *connection)
{
    const struct load_options *options = run->options;
    connection->fd = socket(options->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        return false;
    if (connect(connection->fd, (const struct sockaddr *)&options->address, options->address_len) != 0) {
        close(connection->fd);
        connection->fd = -1;
        run->totals->refused++;
        return false;
    }
    if (options->address.ss_family == AF_INET)
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(run->epoll, EPOLL_CTL_ADD, connection->fd, &event);
    connection->owed_count = connection->first = 0;
    connection->answers = connection->out_at = 0;
    connection->wants_out = false;
    buf_reset(&connection->out);
    buf_reset(&connection->in);
    run->totals->connects++;
    run->open++;
    return true;
}

static void disconnect(struct run *run, struct connection *connection)
{
    if (connection->fd < 0)
        return;
    close(connection->fd);
    connection->fd = -1;
    run->open--;
    run->totals->lost += connection->owed_count;
    connection->owed_count = 0;
}

static void put_request(struct run *run, struct connection *connection)
{
    struct load_template *template = &run->options->templates[run->next_template];
    run->next_template = (run->next_template + 1) % run->options->template_count;
    size_t at = connection->out.len;
    uint64_t id = run->next_id++;
    buf_add_str(&connection->out, buf_str(&template->bytes));
    if (template->has_id && !connection->out.failed) {
        char digits[LOAD_ID_LEN + 1];
        snprintf(digits, sizeof(digits), "%010llu", (unsigned long long)(id % 10000000000ULL));
        struct str rest = str_skip(buf_str(&connection->out), at);
        for (size_t found; (found = str_find(rest, STR(LOAD_ID))) < rest.len; rest = str_skip(rest, found)) {
            size_t place = (size_t)(rest.ptr - connection->out.ptr) + found;
            memcpy(connection->out.ptr + place, digits, LOAD_ID_LEN);
        }
    }
    unsigned last = (connection->first + connection->owed_count++) % LOAD_DEPTH;
    connection->owed[last] = (struct owed){.template = template, .sent_ns = clock_monotonic_ns(), .id = id};
    run->started++;
    run->totals->sent++;
}

static void watch(struct run *run, struct connection *connection, bool out)
{
    if (connection->wants_out == out)
        return;
    connection->wants_out = out;
    struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = connection};
    epoll_ctl(run->epoll, EPOLL_CTL_MOD, connection->fd, &event);
}

/* Sends what there is to send; false when the connection is gone. */
static bool flush(struct run *run, struct connection *connection)
{
    while (connection->out_at < connection->out.len) {
        ssize_t len = send(connection->fd, connection->out.ptr + connection->out_at,
                           connection->out.len - connection->out_at, MSG_NOSIGNAL);
        if (len < 0 && errno == EAGAIN) {
            watch(run, connection, true);
            return true;
        }
        if (len < 0)
            return errno == EPIPE || errno == ECONNRESET; /* an answer may stand in the socket: reading tells */
        connection->out_at += (size_t)len;
    }
    buf_reset(&connection->out);
    connection->out_at = 0;
    watch(run, connection, false);
    return true;
}

static void fill(struct run *run, struct connection *connection)
{
    if (connection->idle)
        return;
    bool any = false;
    while (connection->owed_count < run->options->depth && may_start(run)) {
        if (run->options->per_connection &&
            connection->answers + connection->owed_count >= run->options->per_connection)
            break;
        put_request(run, connection);
        any = true;
    }
    if (any && !flush(run, connection))
        disconnect(run, connection);
}

static void judge(struct run *run, const struct owed *owed, const struct answer *answer)
{
    const struct load_template *template = owed->template;
    const char *fault = NULL;
    char digits[LOAD_ID_LEN + 1];
    snprintf(digits, sizeof(digits), "%010llu", (unsigned long long)(owed->id % 10000000000ULL));
    if (template->status && answer->status != template->status)
        fault = "status";
    else if (template->has_exact && !str_eq(answer->body, buf_str(&template->exact)))
        fault = "body";
    else if (template->contains.len && str_find(answer->body, template->contains) == answer->body.len)
        fault = "missing text";
    else if (template->has_id && str_find(answer->body, str_of(digits, LOAD_ID_LEN)) == answer->body.len)
        fault = "another's id";
    if (!fault)
        return;
    if (run->totals->wrong++ == 0)
        buf_addf(&run->totals->first_wrong, "%s of answer %u to: %.*s; body: %.*s", fault, answer->status,
                 (int)str_find_char(buf_str(&template->bytes), '\r'), template->bytes.ptr,
                 answer->body.len < 400 ? (int)answer->body.len : 400, answer->body.ptr);
}

static void take_answer(struct run *run, struct connection *connection, const struct answer *answer)
{
    struct owed *owed = &connection->owed[connection->first];
    connection->first = (connection->first + 1) % LOAD_DEPTH;
    connection->owed_count--;
    connection->answers++;
    uint64_t now = clock_monotonic_ns();
    struct load_totals *totals = run->totals;
    histogram_add(&totals->latency, now - owed->sent_ns);
    if (run->last_answer_ns && now - run->last_answer_ns > totals->longest_gap_ns)
        totals->longest_gap_ns = now - run->last_answer_ns;
    run->last_answer_ns = now;
    totals->answers++;
    totals->bytes += answer->len;
    totals->statuses[answer->status % 1000]++;
    owed->template->answers++;
    judge(run, owed, answer);
}

/* What stands in the connection's buffer; false when it is to be closed. */
static bool read_answers(struct run *run, struct connection *connection, bool ended)
{
    struct str bytes = buf_str(&connection->in);
    bool keep = true;
    while (bytes.len && keep) {
        if (!connection->owed_count) { /* an answer that nobody asked for, or a 408 behind idleness */
            keep = false;
            break;
        }
        struct answer answer;
        enum answer_step step =
            answer_read(bytes, connection->owed[connection->first].template->head, ended, &run->chunks, &answer);
        if (step == ANSWER_MORE)
            break;
        if (step == ANSWER_BROKEN) {
            if (run->totals->wrong++ == 0)
                buf_addf(&run->totals->first_wrong, "no answer: %.200s", bytes.ptr);
            keep = false;
            break;
        }
        take_answer(run, connection, &answer);
        bytes = str_skip(bytes, answer.len);
        keep = !answer.close;
    }
    if (bytes.len)
        memmove(connection->in.ptr, bytes.ptr, bytes.len);
    buf_truncate(&connection->in, bytes.len);
    bool done = run->options->per_connection && connection->answers >= run->options->per_connection;
    return keep && !(done && !connection->idle);
}

static void reconnect(struct run *run, struct connection *connection)
{
    disconnect(run, connection);
    if (!connection->idle && (may_start(run) || run->options->persist) && !is_over(run) && connect_to(run, connection))
        fill(run, connection);
}

static void on_readable(struct run *run, struct connection *connection)
{
    bool ended = false;
    char *room = buf_reserve(&connection->in, READ_AT_ONCE) ? connection->in.ptr + connection->in.len : NULL;
    ssize_t len = room ? recv(connection->fd, room, READ_AT_ONCE, 0) : -1;
    if (len < 0 && errno == EAGAIN)
        return;
    if (len > 0)
        connection->in.len += (size_t)len;
    else
        ended = true;
    bool keep = read_answers(run, connection, ended);
    if (!keep || ended)
        reconnect(run, connection);
    else
        fill(run, connection);
}

static void on_event(struct run *run, const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;
    if (connection->fd >= 0 && (event->events & EPOLLOUT) && !flush(run, connection))
        reconnect(run, connection);
    if (connection->fd >= 0 && (event->events & ~(uint32_t)EPOLLOUT))
        on_readable(run, connection);
}

/* Connections that are closed are opened again, when the server is back. */
static void revive(struct run *run)
{
    for (unsigned i = 0; i < run->count; i++) {
        struct connection *connection = &run->connections[i];
        if (connection->fd >= 0 || connection->idle || !may_start(run))
            continue;
        if (!connect_to(run, connection))
            return;
        fill(run, connection);
    }
}

static void loop(struct run *run)
{
    struct epoll_event events[EVENTS];
    while (!is_over(run)) {
        bool missing = run->open < run->options->connections + run->options->idle && may_start(run);
        int count = epoll_wait(run->epoll, events, EVENTS, missing ? RETRY_MS : 100);
        for (int i = 0; i < count; i++)
            on_event(run, &events[i]);
        if (missing && count == 0)
            revive(run);
        if (missing && !run->options->persist && run->open == 0)
            return;
    }
}

static void count_idle(struct run *run)
{
    for (unsigned i = 0; i < run->count; i++) {
        struct connection *connection = &run->connections[i];
        char byte;
        if (connection->fd >= 0 && connection->idle && recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
            errno == EAGAIN)
            run->totals->idle_open++;
    }
}

/* Waits for what is on its way, five seconds at most; nothing new begins when the caller saw to that. */
static void settle(struct run *run)
{
    struct epoll_event events[EVENTS];
    uint64_t until = clock_monotonic_ns() + SETTLE_NS;
    for (;;) {
        uint64_t owed = 0;
        for (unsigned i = 0; i < run->count; i++)
            owed += run->connections[i].fd >= 0 ? run->connections[i].owed_count : 0;
        if (owed == 0 || clock_monotonic_ns() > until)
            return;
        int count = epoll_wait(run->epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++)
            on_event(run, &events[i]);
    }
}

/* What was counted so far was no part of the measurement; what was wrong counts all the same. */
static void begin_anew(struct run *run)
{
    struct load_totals *totals = run->totals;
    uint64_t connects = totals->connects, wrong = totals->wrong, lost = totals->lost;
    struct buf first_wrong = totals->first_wrong;
    *totals = (struct load_totals){.connects = connects, .wrong = wrong, .lost = lost, .first_wrong = first_wrong};
    run->started = 0;
    for (unsigned i = 0; i < run->options->template_count; i++)
        run->options->templates[i].answers = 0;
}

/* Opens the idle ones; each asks once, so that the server knows it. */
static void open_idle(struct run *run)
{
    for (unsigned i = 0; i < run->options->idle; i++) {
        struct connection *connection = &run->connections[run->options->connections + i];
        connection->idle = true;
        if (!connect_to(run, connection))
            continue;
        put_request(run, connection);
        flush(run, connection);
    }
    settle(run);
    begin_anew(run);
}

static void warm_up(struct run *run)
{
    if (!run->options->warm_up)
        return;
    run->warming = true;
    for (unsigned i = 0; i < run->options->connections; i++)
        if (run->connections[i].fd >= 0)
            fill(run, &run->connections[i]);
    loop(run);
    settle(run);
    run->warming = false;
    begin_anew(run);
}

bool load_run(struct load_options *options, struct load_totals *totals)
{
    struct run run = {.options = options, .totals = totals, .count = options->connections + options->idle};
    run.connections = mem_calloc(run.count, sizeof(*run.connections));
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!run.connections || run.epoll < 0)
        return false;
    for (unsigned i = 0; i < run.count; i++)
        run.connections[i].fd = -1;
    open_idle(&run);
    for (unsigned i = 0; i < options->connections; i++)
        connect_to(&run, &run.connections[i]);
    warm_up(&run);
    totals->begin_ns = clock_monotonic_ns();
    run.stop_ns = options->requests ? 0 : totals->begin_ns + (uint64_t)(options->seconds * 1e9);
    run.last_answer_ns = totals->begin_ns;
    for (unsigned i = 0; i < options->connections; i++)
        if (run.connections[i].fd >= 0)
            fill(&run, &run.connections[i]);
    loop(&run);
    totals->end_ns = clock_monotonic_ns();
    run.options->requests = 0; /* nothing begins any more */
    run.stop_ns = 0;
    settle(&run);
    count_idle(&run);
    for (unsigned i = 0; i < run.count; i++) {
        disconnect(&run, &run.connections[i]);
        buf_done(&run.connections[i].in);
        buf_done(&run.connections[i].out);
    }
    close(run.epoll);
    buf_done(&run.chunks);
    mem_free(run.connections);
    return totals->connects > 0;
}
