/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"
#include "facts/value_map.h"

static bool is_scalar(const struct data_node *node)
{
    return node->kind != DATA_ARRAY && node->kind != DATA_OBJECT;
}

static size_t scalars_in(const struct data_node *list)
{
    size_t count = 0;
    if (list && list->kind == DATA_ARRAY)
        DATA_EACH(child, list)
    count += is_scalar(child);
    return count;
}

/* The INDEX-th scalar of LIST. */
static const struct data_node *scalar_at(const struct data_node *list, size_t index)
{
    DATA_EACH(child, list)
    if (is_scalar(child) && index-- == 0)
        return child;
    return NULL;
}

/* Words are literal: what looks like ${VAR} is nobody's to fill in but a shell's. WORDS has room for all of them. */
static void read_words(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                       const char *path, struct command_word *words, struct fact_command *command)
{
    *command = (struct fact_command){.fact = kube_fact(reader, scope, node, path), .form = COMMAND_EXEC};
    if (command->fact.state != FACT_KNOWN)
        return;
    if (node->kind != DATA_ARRAY) {
        command->fact.state = FACT_INVALID;
        return;
    }
    command->words = words;
    DATA_EACH(child, node)
    {
        if (child->kind != DATA_STRING)
            command->fact.state = FACT_INVALID;
        if (is_scalar(child))
            words[command->word_count++] =
                (struct command_word){.text = child->value, .at = place_of(reader->sources, child)};
    }
}

static struct place place_in_scalar(const void *self, size_t offset, size_t len)
{
    return value_map_place(self, offset, len);
}

/* Word INDEX of COMMAND is the text that a shell reads. */
static void read_script(struct kube_reader *reader, struct fact_command *command, size_t index)
{
    const struct data_node *node = scalar_at(command->fact.node, index);
    struct value_map map;
    struct err err = ERR_INIT;
    command->shell_in_exec = true;
    const struct shell_map places = {place_in_scalar, &map};
    if (value_map_init(&map, reader->sources, node, reader->arena, &err) != 0 ||
        shell_script_read(node->value, &places, reader->arena, &command->script, &err) != 0)
        reader->nomem = true;
}

static struct command_word *new_words(struct kube_reader *reader, size_t count)
{
    struct command_word *words = ARENA_ARRAY(reader->arena, count + 1, struct command_word);
    if (!words)
        reader->nomem = true;
    return words;
}

struct fact_command kube_command(struct kube_reader *reader, const struct kube_scope *scope,
                                 const struct data_node *node, const char *path)
{
    struct fact_command command = {.fact = kube_fact(reader, scope, NULL, path)};
    struct command_word *words = new_words(reader, scalars_in(node));
    if (!words)
        return command;
    read_words(reader, scope, node, path, words, &command);
    size_t script = command_script_of(words, command.word_count);
    if (script < command.word_count)
        read_script(reader, &command, script);
    return command;
}

void kube_container_command(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *command,
                            const struct data_node *args, struct workload *workload)
{
    struct command_word *words = new_words(reader, scalars_in(command) + scalars_in(args));
    if (!words)
        return;
    struct fact_command *first = &workload->entrypoint, *rest = &workload->command;
    read_words(reader, scope, command, "command", words, first);
    read_words(reader, scope, args, "args", words + first->word_count, rest);
    size_t count = first->word_count + rest->word_count;
    size_t script = command_script_of(words, count);
    if (script < first->word_count)
        read_script(reader, first, script);
    else if (script < count)
        read_script(reader, rest, script - first->word_count); /* command: [sh, -c], args: [the text] */
}
