/* SPDX-License-Identifier: Apache-2.0 */
#include "data/json.h"
#include "dockerfile/internal.h"

/*
 * True for a '[' that was meant as a JSON array: the shell's own '[' needs white space behind it and has no comma right
 * after a quote.
 */
static bool meant_as_array(struct str text)
{
    if (text.len < 2 || text.ptr[0] != '[' || text.ptr[1] == '[')
        return false;
    if (!char_is_space(text.ptr[1]))
        return true;
    if (text.ptr[text.len - 1] != ']')
        return false;
    return str_find(text, STR("',")) < text.len || str_find(text, STR("\",")) < text.len;
}

static int take_strings(struct dockerfile_reading *reading, const struct dockerfile_word *text,
                        const struct data_node *array, struct dockerfile_words *words, struct err *err)
{
    DATA_EACH(node, array)
    {
        struct dockerfile_word word = dockerfile_word_part(reading->line, text, node->span.offset, node->span.len);
        word.text = node->value;
        int r = dockerfile_add_word(reading, words, word, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int take_shell_words(struct dockerfile_reading *reading, const struct dockerfile_word *text,
                            struct dockerfile_words *words, struct err *err)
{
    size_t at = 0;
    size_t start;
    size_t end;
    bool open_quote = false;
    while (dockerfile_next_quoted(text->text, &at, reading->escape, &start, &end, &open_quote)) {
        int r = dockerfile_add_word(reading, words, dockerfile_word_part(reading->line, text, start, end - start), err);
        if (r < 0)
            return r;
    }
    return 0;
}

int dockerfile_command_read(struct dockerfile_reading *reading, struct dockerfile_word text,
                            struct dockerfile_command *ret_command, bool *ret_strings_only, struct err *err)
{
    struct dockerfile_command command = {.text = text};
    const struct data_node *root = NULL;
    if (text.text.len > 0 && text.text.ptr[0] == '[') {
        int r = json_parse(text.text, reading->arena, &root, NULL);
        if (r == -ERR_NOMEM)
            return err_nomem(err);
        if (r < 0)
            root = NULL;
        command.looks_like_exec = !root && meant_as_array(text.text);
    }
    if (!root) {
        *ret_command = command;
        return take_shell_words(reading, &text, &ret_command->words, err);
    }
    *ret_strings_only = true;
    DATA_EACH(node, root)
    {
        if (node->kind != DATA_STRING)
            *ret_strings_only = false;
    }
    command.exec = *ret_strings_only;
    command.looks_like_exec = !command.exec;
    *ret_command = command;
    return command.exec ? take_strings(reading, &text, root, &ret_command->words, err) : 0;
}
