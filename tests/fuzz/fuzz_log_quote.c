/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody's text in a log. The first byte is the room that there is: what is written is one line's part that no
 * terminal acts upon, cut between characters only, and a reader of JSON gets the text back. Then a whole line with it,
 * in both formats.
 */
#include "base/buf.h"
#include "data/json.h"
#include "log/log.h"
#include "log/quote.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 2048, ROOM_MAX = TEXT_MAX * 6 };

static const char *const keys[] = {"a", "b", "c", "d", "e", "f", NULL};

static void need(bool holds)
{
    if (!holds)
        abort();
}

/* Printable on one line, in the direction of the line. */
static void check_shown(struct str text)
{
    static const char *const treacherous[] = {"\xd8\x9c",     "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8",
                                              "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac",
                                              "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"};
    need(str_utf8_valid(text) == text.len);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        need(c >= ' ' && c != 0x7f && !(c == 0xc2 && (uint8_t)text.ptr[i + 1] < 0xa0));
    }
    for (size_t i = 0; i < ARRAY_LEN(treacherous); i++)
        need(str_find(text, str_z(treacherous[i])) == text.len);
}

/* QUOTED as a reader of JSON has it, in ARENA. */
static struct str decoded(struct str quoted, struct arena *arena)
{
    CLEANUP_BUF struct buf json = BUF_INIT;
    buf_addf(&json, "\"%.*s\"", STR_ARG(quoted));
    const struct data_node *root = NULL;
    struct err err = ERR_INIT;
    struct str text = arena_buf(arena, &json), value = STR_NONE;
    need(json_parse(text, arena, &root, &err) == 0 && data_str(root, &value, &err) == 0);
    return value;
}

static void check_quote(size_t room, struct str text, struct arena *arena)
{
    static char whole[ROOM_MAX], *part;
    bool cut = true;
    struct str all = str_of(whole, log_quote(whole, sizeof(whole), text, &cut));
    need(!cut);
    check_shown(all);
    struct str value = decoded(all, arena);
    if (str_utf8_valid(text) == text.len)
        need(str_eq(value, text));
    if (log_is_bare(text))
        need(text.len > 0 && str_eq(all, text) && !str_has_char(text, ' ') && !str_has_char(text, '='));
    part = malloc(room ? room : 1); /* of that size, so that a byte too many is seen */
    need(part != NULL);
    struct str some = str_of(part, log_quote(part, room, text, &cut));
    need(some.len <= room && str_starts(all, some) && cut == (some.len < all.len));
    need(!cut || room - some.len < 6); /* an escape or a character may not fit, no more */
    check_shown(some);
    need(str_starts(value, decoded(some, arena)));
    free(part);
}

/* A reader of JSON finds each text, or its beginning, and why it is no more. */
static void check_members(struct str line, struct str value, struct arena *arena)
{
    const struct data_node *root = NULL;
    struct err err = ERR_INIT;
    bool whole = true, cut = false;
    need(json_parse(line, arena, &root, &err) == 0);
    for (size_t i = 0; keys[i]; i++) {
        struct str found = STR_NONE;
        const struct data_node *member = data_get(root, keys[i]);
        need(data_str(member, &found, &err) == 0 && str_starts(value, found));
        whole = whole && member && found.len == value.len;
    }
    need(data_bool(data_get(root, "cut"), &cut, &err) == 0 && cut == !whole);
}

static void check_line(enum log_format format, struct str text, struct arena *arena)
{
    static char line[LOG_EVENT_BYTES + 1];
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("log", MFD_CLOEXEC);
    need(fd >= 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    struct log log;
    struct log_event event;
    log_init(&log, fd, LOG_INFO, format);
    log_begin(&event, &log, LOG_INFO, "event");
    for (size_t i = 0; keys[i]; i++)
        log_str(&event, keys[i], text);
    log_end(&event);
    ssize_t len = pread(fd, line, sizeof(line), 0);
    need(len > 0 && len <= LOG_EVENT_BYTES && line[len - 1] == '\n');
    struct str shown = str_of(line, (size_t)len - 1);
    check_shown(shown);
    (void)pthread_mutex_destroy(&log.lock);
    if (format == LOG_TEXT)
        return;
    char whole[ROOM_MAX];
    bool cut;
    struct str all = str_of(whole, log_quote(whole, sizeof(whole), text, &cut));
    check_members(shown, decoded(all, arena), arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > TEXT_MAX)
        return 0;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str text = str_of((const char *)data + 1, size - 1);
    check_quote(data[0], text, &arena);
    check_line(LOG_JSON, text, &arena);
    check_line(LOG_TEXT, text, &arena);
    return 0;
}
