/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the language, or the reader of a build file; the rest is the source. */
#include "survey/call.h"
#include "survey/make.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_call(void *self, const struct call *call, struct err *err)
{
    (void)self;
    (void)err;
    if (call->count > CALL_WORDS_MAX || call->line == 0)
        abort();
    return 0;
}

static int on_program(void *self, struct str name, int score, uint32_t line, struct err *err)
{
    (void)self;
    (void)score;
    (void)err;
    if (name.len == 0 || line == 0)
        abort();
    return 0;
}

static int on_library(void *self, struct str name, bool pkg_config, uint32_t line, struct err *err)
{
    (void)pkg_config;
    return on_program(self, name, 0, line, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct op_ctx ctx = {.arena = &arena};
    struct survey survey = {0};
    struct surveying surveying = {.ctx = &ctx, .survey = &survey, .rootfd = -1};
    if (size == 0)
        return 0;
    struct str text = str_of((const char *)data + 1, size > 8192 ? 8191 : size - 1);
    struct map variables CLEANUP_MAP = MAP_INIT;
    bool is_static = false;
    struct make_reader reader = {&surveying, on_program, on_library, NULL, data[0] % 2, &is_static};
    unsigned kind = data[0] % 9;
    if (kind < 4)
        survey_scan_source(&surveying, text, (enum token_syntax)kind, STR("x"), NULL);
    else if (kind < 7)
        calls_read(&surveying, text, (enum call_syntax)(kind - 4), &variables, on_call, NULL, NULL);
    else
        make_read(&reader, text, NULL);
    for (size_t i = 0; i < surveying.hints.len; i++)
        if (surveying.hints.ptr[i].line == 0 || surveying.hints.ptr[i].value.len == 0)
            abort();
    VEC_DONE(&surveying.hints);
    VEC_DONE(&surveying.files);
    VEC_DONE(&surveying.others);
    return 0;
}
