/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "base/num.h"

struct framing {
    bool has_length, chunked, close;
    uint64_t length;
};

static void read_field(struct str line, struct framing *framing)
{
    size_t colon = str_find_char(line, ':');
    struct str name = str_head(line, colon);
    if (name.len != 14 && name.len != 17 && name.len != 10) /* most fields are none of these three */
        return;
    struct str value = str_trim(str_skip(line, colon + 1));
    if (str_eq_fold(name, STR("content-length")))
        framing->has_length = num_parse_u64(value, &framing->length);
    else if (str_eq_fold(name, STR("transfer-encoding")))
        framing->chunked = str_eq_fold(value, STR("chunked"));
    else if (str_eq_fold(name, STR("connection")))
        framing->close = str_eq_fold(value, STR("close"));
}

/* Appends the content of the chunks in BYTES to OUT; *ret_len is how much of BYTES they take. */
static enum answer_step read_chunks(struct str bytes, struct buf *out, size_t *ret_len)
{
    size_t at = 0;
    for (;;) {
        struct str rest = str_skip(bytes, at);
        size_t line = str_find_char(rest, '\n');
        if (line == rest.len)
            return ANSWER_MORE;
        uint64_t size;
        if (!num_parse_hex(str_trim(str_head(rest, str_find_char(str_head(rest, line), ';'))), &size))
            return ANSWER_BROKEN;
        at += line + 1;
        if (size == 0) { /* trailers are not expected of anybody here */
            *ret_len = at + 2;
            return bytes.len >= at + 2 ? ANSWER_WHOLE : ANSWER_MORE;
        }
        if (bytes.len < at + size + 2)
            return ANSWER_MORE;
        buf_add(out, bytes.ptr + at, size);
        at += size + 2;
    }
}

enum answer_step answer_read(struct str bytes, bool head, bool ended, struct buf *chunks, struct answer *ret_answer)
{
    size_t head_len = str_find(bytes, STR("\r\n\r\n")) + 4;
    if (head_len > bytes.len)
        return ANSWER_MORE;
    uint32_t status;
    if (!str_starts(bytes, STR("HTTP/1.")) || !num_parse_u32(str_head(str_skip(bytes, 9), 3), &status))
        return ANSWER_BROKEN;
    struct framing framing = {.close = bytes.ptr[7] == '0'};
    struct str lines = str_head(bytes, head_len - 2), line;
    str_next_line(&lines, &line);
    while (str_next_line(&lines, &line) && line.len)
        read_field(line, &framing);
    *ret_answer = (struct answer){.status = status, .len = head_len, .close = framing.close};
    if (status < 200 && status != 101) { /* "100 Continue": the answer comes behind it */
        struct answer next;
        enum answer_step step = answer_read(str_skip(bytes, head_len), head, ended, chunks, &next);
        next.len += head_len;
        if (step == ANSWER_WHOLE)
            *ret_answer = next;
        return step;
    }
    if (head || status == 204 || status == 304)
        return ANSWER_WHOLE;
    struct str rest = str_skip(bytes, head_len);
    if (framing.chunked) {
        size_t len = 0;
        buf_reset(chunks);
        enum answer_step step = read_chunks(rest, chunks, &len);
        ret_answer->len += len;
        ret_answer->body = buf_str(chunks);
        return step;
    }
    if (!framing.has_length && !ended)
        return ANSWER_MORE;
    ret_answer->close |= !framing.has_length;
    size_t len = framing.has_length ? framing.length : rest.len;
    ret_answer->body = str_head(rest, len);
    ret_answer->len += len;
    return rest.len >= len ? ANSWER_WHOLE : ANSWER_MORE;
}
