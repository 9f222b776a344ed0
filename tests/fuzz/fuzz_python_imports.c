/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of any source lie in it, one behind the other, in places that only grow; a balanced end has as many dedents
 * as indents. The scanner of imports and that of frameworks agree with the lexer on what is wrong.
 */
#include "python/framework.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool check_tokens(struct str source)
{
    struct python_lexer lexer;
    struct python_token token;
    size_t end = 0;
    uint32_t line = 1, depth = 0;
    require(python_lexer_init(&lexer, source, NULL) == 0);
    while (python_lexer_next(&lexer, &token) > PYTHON_END) {
        require(token.at >= end && token.at + token.len <= source.len);
        require(token.line >= line && token.column >= 1);
        end = token.at + token.len;
        line = token.line;
        depth += token.kind == PYTHON_INDENT ? 1 : 0;
        require(token.kind != PYTHON_DEDENT || depth > 0);
        depth -= token.kind == PYTHON_DEDENT ? 1 : 0;
        if (token.kind == PYTHON_STRING)
            require(python_token_content(&lexer, &token).len + 2 <= token.len);
    }
    require(token.kind == PYTHON_ERROR ? lexer.problem.message && lexer.problem.place.column >= 1 : depth == 0);
    return token.kind == PYTHON_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 65536)
        return 0;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = str_of((const char *)data, size);
    struct python_imports imports;
    struct python_framework framework;
    struct python_start start;
    struct str names[] = {STR_INIT("uvicorn"), STR_INIT("gunicorn")};
    bool good = check_tokens(source);
    require(python_imports_scan(source, 0x030b, &arena, &imports, NULL) == 0);
    require(good || imports.problem.message);
    for (uint32_t i = 0; i < imports.count; i++) {
        struct str module;
        require(imports.items[i].place.line >= 1 && imports.items[i].place.column >= 1);
        (void)python_import_absolute(&imports.items[i], STR("a.b"), &arena, &module, NULL);
    }
    require(python_framework_detect(source, STR_NONE, 0, &arena, &framework, NULL) == 0);
    require(python_framework_start(&framework, STR("m"), names, 2, STR_NONE, 80, &arena, &start, NULL) == 0);
    require(start.arg_count >= 2 && start.arg_count <= PYTHON_START_MAX);
    return 0;
}
