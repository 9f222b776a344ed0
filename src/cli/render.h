/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/render.h - answers, errors and warnings as text or JSON, into buffers; cli/app.h sends them.
 *
 * Text:  barehull: error: 'x' is not an ELF file          JSON:  {"error":{"code":"elf","message":...,"hint":...}}
 *        hint: ...                                                {"warning":{"message":...}}
 * JSON messages are one line each; a JSON answer is one indented object.
 */
#include "base/buf.h"
#include "op/operation.h"

void cli_render_error(struct buf *out, const struct err *problem, bool json, bool color);
void cli_render_warning(struct buf *out, struct str message, bool json, bool color);

/* Appends the answer in FORMAT (enum cli_format) with a final newline. Errors: ERR_NOMEM. */
int cli_render_answer(struct buf *out, const struct operation *operation, const void *result, int format,
                      const struct text_out *style, struct err *err);
