/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/user.h"

#include "base/num.h"

#define USER_ID_MAX   4294967293U /* 2^32 - 1 is "no id", 2^32 - 2 is the overflow id of some file systems */
#define USER_NAME_MAX 32U         /* useradd(8) */

static bool valid_name(struct str name)
{
    if (name.len == 0 || name.len > USER_NAME_MAX || !(char_is_alpha(name.ptr[0]) || name.ptr[0] == '_'))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != '-' && name.ptr[i] != '.')
            return false;
    return true;
}

static bool parse_id(struct str text, uint32_t *ret_id)
{
    return num_parse_u32(text, ret_id) && *ret_id <= USER_ID_MAX;
}

static int refuse(struct str text, const char *reason, struct err *err)
{
    err_set(err, ERR_USAGE, "the user '%.*s' %s", STR_ARG(text), reason);
    return err_hint(err, "give UID, UID:GID or NAME:UID[:GID], for instance 65532 or appuser:10001");
}

int user_parse(struct str text, struct image_user *ret_user, struct err *err)
{
    struct image_user user = {.name = STR_NONE, .uid = USER_NONROOT_ID, .gid = USER_NONROOT_ID};
    if (text.len == 0) {
        *ret_user = user;
        return 0;
    }
    struct str parts[3];
    size_t count = 0;
    struct str rest = text, part;
    while (str_next(&rest, ':', &part)) {
        if (count == ARRAY_LEN(parts))
            return refuse(text, "has more than three parts", err);
        parts[count++] = part;
    }
    size_t next = 0;
    if (!parse_id(parts[0], &user.uid)) {
        if (!valid_name(parts[0]) || count < 2)
            return refuse(text, count < 2 && valid_name(parts[0]) ? "has a name but no number" : "is not well formed",
                          err);
        user.name = parts[next++];
    }
    if (!parse_id(parts[next], &user.uid))
        return refuse(text, "has no valid user id", err);
    user.gid = user.uid;
    next++;
    if (next < count && !parse_id(parts[next++], &user.gid))
        return refuse(text, "has no valid group id", err);
    if (next < count)
        return refuse(text, "is not well formed", err);
    if (user.uid == 0)
        return refuse(text, "is root, which a hardened image never runs as", err);
    if (user.name.len &&
        (str_eq(user.name, STR("root")) || str_eq(user.name, STR("nobody")) || str_eq(user.name, STR("tty")) ||
         str_eq(user.name, STR("staff")) || (str_eq(user.name, STR("nonroot")) && user.uid != USER_NONROOT_ID)))
        return refuse(text, "takes the name of an account or a group that every image has", err);
    *ret_user = user;
    return 0;
}

bool user_is_extra(const struct image_user *user)
{
    return user->name.len > 0 && !str_eq(user->name, STR("nonroot"));
}

void user_write_home(struct buf *out, const struct image_user *user)
{
    buf_add_z(out, "home/");
    buf_add_str(out, user_is_extra(user) ? user->name : STR("nonroot"));
}

/* An extra account that takes 65532 stands before nonroot, so that the id maps to its name. */
void user_write_passwd(struct buf *out, const struct image_user *user)
{
    buf_add_z(out, "root:x:0:0:root:/root:/sbin/nologin\n");
    if (user_is_extra(user))
        buf_addf(out, "%.*s:x:%u:%u:%.*s:/home/%.*s:/sbin/nologin\n", STR_ARG(user->name), user->uid, user->gid,
                 STR_ARG(user->name), STR_ARG(user->name));
    buf_add_z(out, "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
                   "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
}

void user_write_group(struct buf *out, const struct image_user *user)
{
    buf_add_z(out, "root:x:0:\ntty:x:5:\nstaff:x:50:\n");
    if (user_is_extra(user) && user->gid > 0)
        buf_addf(out, "%.*s:x:%u:\n", STR_ARG(user->name), user->gid);
    buf_add_z(out, "nobody:x:65534:\nnonroot:x:65532:\n");
}
