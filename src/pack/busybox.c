/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/busybox.h"

#include "base/limits.h"

#include <string.h>

#define APPLET_NAME_BYTES 32

static const char beginning[] = "[\0[["; /* with its own NUL behind */

/* Where the table begins; program.len when it is nowhere. */
static size_t find_table(struct str program, size_t from)
{
    const struct str wanted = {beginning, sizeof(beginning)};
    for (;;) {
        size_t at = from + str_find(str_skip(program, from), wanted);
        if (at >= program.len)
            return program.len;
        if (at == 0 || program.ptr[at - 1] == '\0') /* else the end of another text */
            return at;
        from = at + 1;
    }
}

static bool is_name(struct str name)
{
    bool plain = name.len < APPLET_NAME_BYTES;
    for (size_t i = 0; plain && i < name.len; i++) {
        char c = name.ptr[i];
        plain = char_is_alnum(c) || c == '[' || c == '-' || c == '_' || c == '.' || c == '+';
    }
    return plain && !str_eq_z(name, ".") && !str_eq_z(name, "..");
}

static int damaged(struct err *err)
{
    return err_set(err, ERR_INVALID, "the table of applets in this busybox can't be read");
}

int busybox_applets(struct str program, struct arena *arena, struct str_list *ret_applets, struct err *err)
{
    size_t start = find_table(program, 0);
    if (start == program.len || find_table(program, start + 1) < program.len)
        return damaged(err);
    struct str *names = ARENA_ARRAY(arena, LIMIT_APPLETS, struct str);
    if (!names)
        return err_nomem(err);
    struct str rest = str_skip(program, start);
    size_t count = 0;
    bool has_shell = false;
    for (;;) {
        size_t len = str_find_char(rest, '\0');
        struct str name = str_head(rest, len);
        if (len == 0 && rest.len > 0)
            break;
        bool in_order = count == 0 || str_cmp(names[count - 1], name) < 0;
        if (len == rest.len || count == LIMIT_APPLETS || !in_order || !is_name(name))
            return damaged(err);
        has_shell |= str_eq(name, STR("sh"));
        names[count++] = name;
        rest = str_skip(rest, len + 1);
    }
    if (!has_shell)
        return damaged(err);
    *ret_applets = (struct str_list){names, count};
    return 0;
}
