/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/init_work.h"

#include "init/plan_check.h"

#include <inttypes.h>
#include <string.h>

bool init_given(const struct init_work *work, const char *name)
{
    for (size_t i = 0; init_local_params[i].name; i++)
        if (strcmp(init_local_params[i].name, name) == 0)
            return work->args->given[i];
    return false;
}

/* A copy of *ITEMS with room for one more, when they are full; false when memory is short. */
static bool make_room(struct arena *arena, void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t more = *room ? 2 * *room : 16;
    void *fresh = arena_array(arena, more, size);
    if (!fresh)
        return false;
    if (count)
        memcpy(fresh, *items, count * size);
    *items = fresh;
    *room = more;
    return true;
}

int init_remember(struct init_work *work, const char *what, const struct survey_answer *answer, struct err *err)
{
    if (answer->value.len == 0)
        return 0;
    if (!make_room(work->ctx->arena, (void **)&work->found, work->found_count, &work->found_room, sizeof(*work->found)))
        return err_nomem(err);
    work->found[work->found_count++] = (struct init_found){
        .answer = str_z(what),
        .value = answer->value,
        .path = answer->path,
        .line = answer->line,
        .why = str_z(answer->why),
        .rivals = answer->rivals,
    };
    return 0;
}

int init_work_note(struct init_work *work, struct err *err, const char *format, ...)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    struct str note = arena_buf(work->ctx->arena, &text);
    if (!note.ptr ||
        !make_room(work->ctx->arena, (void **)&work->notes, work->note_count, &work->note_room, sizeof(*work->notes)))
        return err_nomem(err);
    work->notes[work->note_count++] = note;
    return 0;
}

struct str init_label(struct arena *arena, struct str text)
{
    enum { LABEL_BYTES = 63 };
    CLEANUP_BUF struct buf label = BUF_INIT;
    for (size_t i = 0; i < text.len && label.len < LABEL_BYTES; i++) {
        char c = char_lower(text.ptr[i]);
        if (char_is_alnum(c))
            buf_add_char(&label, c);
        else if (label.len && label.ptr[label.len - 1] != '-')
            buf_add_char(&label, '-');
    }
    while (label.len && label.ptr[label.len - 1] == '-')
        buf_truncate(&label, label.len - 1);
    return label.failed ? STR_NONE : arena_str(arena, label.len ? buf_str(&label) : STR("app"));
}
