/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is split into commands whose places lie in it, in order. */
#include "base/alloc.h"
#include "base/limits.h"
#include "facts/command.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static struct place place_in(const void *self, size_t offset, size_t len)
{
    const struct source *source = self;
    require(len > 0 && offset + len <= source->bytes.len);
    return (struct place){source, {(uint32_t)offset, (uint32_t)len}};
}

static size_t check_words(const struct command_word *words, size_t count)
{
    uint32_t end = 0;
    for (size_t i = 0; i < count; i++) {
        require(words[i].text.ptr && words[i].text.len <= words[i].at.span.len);
        require(words[i].at.span.offset >= end);
        end = words[i].at.span.offset + words[i].at.span.len;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct source source = {.bytes = str_of((const char *)data, size)};
    struct shell_map map = {place_in, &source};
    struct shell_script script;
    size_t words = 0;
    require(shell_script_read(source.bytes, &map, &arena, &script, &err) == 0);
    for (size_t i = 0; i < script.count; i++) {
        const struct shell_command *command = &script.commands[i];
        require(command->joined && command->word_count + command->assignment_count > 0);
        words += check_words(command->assignments, command->assignment_count);
        words += check_words(command->words, command->word_count);
        require(command_program_of(command->words, command->word_count) <= command->word_count);
    }
    require(words <= LIMIT_SHELL_WORDS);
    require(script.count <= 1 || script.operators);
    return 0;
}
