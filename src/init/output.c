/* SPDX-License-Identifier: Apache-2.0 */
#include "init/plan.h"

#include <string.h>

/* Room for one more in an array of the arena: *ITEMS moves, what was there is left behind. */
static bool grow(struct arena *arena, void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t more = *room == 0 ? 16 : *room * 2;
    void *fresh = arena_array(arena, more, size);
    if (!fresh)
        return false;
    if (count > 0)
        memcpy(fresh, *items, count * size);
    *items = fresh;
    *room = more;
    return true;
}

static int add(struct init_output *output, const char *path, struct init_file file, struct err *err)
{
    file.path = arena_str(output->arena, str_z(path));
    if (!file.path.ptr || !file.content.ptr ||
        !grow(output->arena, (void **)&output->files, output->file_count, &output->file_room, sizeof(file)))
        return err_nomem(err);
    output->files[output->file_count++] = file;
    return 0;
}

int init_add(struct init_output *output, const char *path, struct buf *content, const char *what, struct err *err)
{
    struct init_file file = {.content = arena_take_buf(output->arena, content), .what = what};
    return add(output, path, file, err);
}

int init_add_binary(struct init_output *output, const char *path, struct str content, const char *what, struct err *err)
{
    struct init_file file = {.content = content, .binary = true, .executable = true, .what = what};
    return add(output, path, file, err);
}

int init_note(struct init_output *output, struct err *err, const char *format, ...)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    struct str note = arena_buf(output->arena, &text);
    if (!note.ptr ||
        !grow(output->arena, (void **)&output->notes, output->note_count, &output->note_room, sizeof(note)))
        return err_nomem(err);
    output->notes[output->note_count++] = note;
    return 0;
}
