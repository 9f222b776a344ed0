/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/internal.h"

#include <stdio.h>

#define SHOWN_BYTES 100 /* of a text of the peer's in a message */

struct str mcp_shown(struct str text)
{
    struct str head = str_head(text, SHOWN_BYTES);
    return str_head(head, str_utf8_valid(head));
}

int mcp_fault_set(struct mcp_fault *fault, struct arena *arena, int code, unsigned http_status, struct err *err,
                  const char *format, ...)
{
    char text[ERR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct str message = len < 0 ? STR("") : str_z(text);
    message = arena_str(arena, str_head(message, str_utf8_valid(message)));
    if (!message.ptr)
        return err_nomem(err);
    char *at = (char *)(uintptr_t)message.ptr; /* the arena's copy is ours to change */
    for (size_t i = 0; i < message.len; i++)
        if ((unsigned char)at[i] < 0x20 || at[i] == 0x7F)
            at[i] = '?';
    *fault = (struct mcp_fault){code, http_status ? http_status : 200, message, STR_NONE};
    return 0;
}

void mcp_fault_write(const struct mcp_fault *fault, struct str id, struct buf *out)
{
    buf_add_z(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    buf_add_str(out, id.len > 0 ? id : STR("null"));
    buf_addf(out, ",\"error\":{\"code\":%d,\"message\":", fault->code);
    json_quote(out, fault->message);
    if (fault->data.len > 0) {
        buf_add_z(out, ",\"data\":");
        buf_add_str(out, fault->data);
    }
    buf_add_z(out, "}}");
}
