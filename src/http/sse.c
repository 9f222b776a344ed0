/* SPDX-License-Identifier: Apache-2.0 */
#include "http/sse.h"

static bool is_one_line(struct str text)
{
    return !str_has_char(text, '\r') && !str_has_char(text, '\n') && !str_has_char(text, '\0');
}

static void add_line(struct buf *out, struct str field, struct str value)
{
    buf_add_str(out, field);
    buf_add_str(out, value);
    buf_add_char(out, '\n');
}

/* The next line of *REST, ended by LF, CR LF, CR or the end; false behind the last. */
static bool next_line(struct str *rest, struct str *ret_line)
{
    if (!rest->ptr)
        return false;
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '\n' && rest->ptr[len] != '\r')
        len++;
    *ret_line = str_head(*rest, len);
    size_t end = len + 1;
    if (len + 1 < rest->len && rest->ptr[len] == '\r' && rest->ptr[len + 1] == '\n')
        end++;
    *rest = len < rest->len ? str_of(rest->ptr + end, rest->len - end) : STR_NONE;
    return true;
}

bool sse_add_event(struct buf *out, const struct sse_event *event, struct str data)
{
    if (!is_one_line(event->name) || !is_one_line(event->id))
        return false;
    if (event->name.len > 0)
        add_line(out, STR("event: "), event->name);
    if (event->id.len > 0)
        add_line(out, STR("id: "), event->id);
    struct str rest = data.ptr ? data : STR(""), line;
    while (next_line(&rest, &line))
        add_line(out, STR("data: "), line);
    buf_add_char(out, '\n');
    return true;
}

bool sse_add_comment(struct buf *out, struct str text)
{
    if (!is_one_line(text))
        return false;
    add_line(out, STR(": "), text);
    buf_add_char(out, '\n');
    return true;
}

void sse_add_retry(struct buf *out, uint64_t retry_ms)
{
    buf_add_str(out, STR("retry: "));
    buf_add_u64(out, retry_ms);
    buf_add_str(out, STR("\n\n"));
}
