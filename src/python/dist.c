/* SPDX-License-Identifier: Apache-2.0 */
/* The small files of dist-info, and names. RECORD is in record.c. */
#include "python/dist.h"
#include "base/limits.h"
#include "base/vec.h"
#include "data/json.h"

#include <string.h>

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

void python_dist_normalize(struct str name, struct buf *out)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_separator(name.ptr[i]))
            buf_add_char(out, char_lower(name.ptr[i]));
        else if (i == 0 || !is_separator(name.ptr[i - 1]))
            buf_add_char(out, '-');
    }
}

/* One byte of a normalised name; 0 at the end. */
static char take_normalized(struct str *rest)
{
    if (rest->len == 0)
        return 0;
    char c = rest->ptr[0];
    *rest = str_skip(*rest, 1);
    if (!is_separator(c))
        return char_lower(c);
    while (rest->len && is_separator(rest->ptr[0]))
        *rest = str_skip(*rest, 1);
    return '-';
}

bool python_dist_same(struct str a, struct str b)
{
    while (a.len && b.len)
        if (take_normalized(&a) != take_normalized(&b))
            return false;
    return a.len == 0 && b.len == 0;
}

bool python_dist_directory(struct str directory, struct str *ret_name, struct str *ret_version)
{
    bool egg = str_ends(directory, STR(".egg-info"));
    if ((!egg && !str_ends(directory, STR(".dist-info"))) || directory.ptr[0] == '~')
        return false;
    struct str stem = str_head(directory, directory.len - (egg ? 9 : 10));
    struct str name = str_head(stem, str_find_char(stem, '-'));
    struct str version = str_skip(stem, name.len + 1);
    if (egg)
        version = str_head(version, str_find(version, STR("-py")));
    if (name.len == 0 || (!egg && version.len == 0))
        return false;
    *ret_name = name;
    *ret_version = version;
    return true;
}

static int too_large(struct str text, unsigned long long limit, const char *what, struct err *err)
{
    return text.len <= limit ? 0 : err_set(err, ERR_LIMIT, "a %s of more than %llu bytes", what, limit);
}

/*
 * The next field of *REST with its continuations as they stand; false at the end of the head. As CPython's email does,
 * a line that is no field ends the head.
 */
static bool next_field(struct str *rest, struct str *ret_name, struct str *ret_value)
{
    struct str line, after = *rest;
    if (!str_next_line(&after, &line))
        return false;
    size_t colon = str_find_char(line, ':');
    if (colon == 0 || colon == line.len)
        return false;
    for (size_t i = 0; i < colon; i++)
        if ((unsigned char)line.ptr[i] <= ' ' || line.ptr[i] == 127)
            return false;
    const char *end = line.ptr + line.len;
    while (after.len && (after.ptr[0] == ' ' || after.ptr[0] == '\t')) {
        struct str more;
        (void)str_next_line(&after, &more);
        end = more.ptr + more.len;
    }
    *ret_name = str_head(line, colon);
    *ret_value = str_trim(str_of(line.ptr + colon + 1, (size_t)(end - line.ptr) - colon - 1));
    *rest = after;
    return true;
}

/* "requests[socks] (>=2.0) ; extra == 'http'" */
static struct python_requirement parse_requirement(struct str value)
{
    struct python_requirement requirement = {.extra = false};
    size_t len = 0;
    while (len < value.len && (char_is_alnum(value.ptr[len]) || is_separator(value.ptr[len])))
        len++;
    requirement.name = str_head(value, len);
    requirement.marker = str_trim(str_skip(value, str_find_char(value, ';') + 1));
    struct str at = requirement.marker;
    for (size_t i = str_find(at, STR("extra")); i < at.len; i = str_find(at, STR("extra"))) {
        bool starts = i == 0 || (!char_is_alnum(at.ptr[i - 1]) && at.ptr[i - 1] != '_' && at.ptr[i - 1] != '\'');
        at = str_skip(at, i + 5);
        struct str next = str_trim_left(at);
        requirement.extra |= starts && (str_starts(next, STR("==")) || str_starts(next, STR("in ")));
    }
    return requirement;
}

static void set_first(struct str *field, struct str value)
{
    if (!field->ptr)
        *field = value;
}

int python_metadata_read(struct str text, struct arena *arena, struct python_metadata *ret_metadata, struct err *err)
{
    struct python_metadata metadata = {.requirement_count = 0};
    VEC(struct python_requirement) requirements = {0};
    struct str name, value;
    int r = too_large(text, LIMIT_PYTHON_METADATA_BYTES, "METADATA", err);
    while (!r && next_field(&text, &name, &value)) {
        if (str_eq_fold(name, STR("Name")))
            set_first(&metadata.name, value);
        else if (str_eq_fold(name, STR("Version")))
            set_first(&metadata.version, value);
        else if (str_eq_fold(name, STR("Requires-Python")))
            set_first(&metadata.requires_python, value);
        else if (str_eq_fold(name, STR("Requires-Dist")) && requirements.len == LIMIT_PYTHON_LINES)
            r = err_set(err, ERR_LIMIT, "a METADATA with more than %u requirements", LIMIT_PYTHON_LINES);
        else if (str_eq_fold(name, STR("Requires-Dist")) && !VEC_PUSH(&requirements, parse_requirement(value)))
            r = err_nomem(err);
    }
    if (!r) {
        metadata.requirements = ARENA_ARRAY(arena, requirements.len + 1, struct python_requirement);
        r = metadata.requirements ? 0 : err_nomem(err);
    }
    if (!r) {
        if (requirements.len)
            memcpy(metadata.requirements, requirements.ptr, requirements.len * sizeof(*requirements.ptr));
        metadata.requirement_count = requirements.len;
        *ret_metadata = metadata;
    }
    VEC_DONE(&requirements);
    return r;
}

int python_wheel_read(struct str text, struct arena *arena, struct python_wheel *ret_wheel, struct err *err)
{
    struct python_wheel wheel = {.tag_count = 0};
    struct str name, value, rest = text;
    int r = too_large(text, LIMIT_PYTHON_TEXT_BYTES, "WHEEL", err);
    if (r)
        return r;
    while (next_field(&rest, &name, &value))
        wheel.tag_count += str_eq_fold(name, STR("Tag"));
    if (wheel.tag_count > LIMIT_PYTHON_LINES)
        return err_set(err, ERR_LIMIT, "a WHEEL with more than %u tags", LIMIT_PYTHON_LINES);
    wheel.tags = ARENA_ARRAY(arena, wheel.tag_count + 1, struct str);
    if (!wheel.tags)
        return err_nomem(err);
    for (size_t at = 0; next_field(&text, &name, &value);) {
        if (str_eq_fold(name, STR("Tag")))
            wheel.tags[at++] = value;
        else if (str_eq_fold(name, STR("Wheel-Version")))
            set_first(&wheel.wheel_version, value);
        else if (str_eq_fold(name, STR("Generator")))
            set_first(&wheel.generator, value);
        else if (str_eq_fold(name, STR("Root-Is-Purelib")))
            wheel.root_is_purelib = str_eq_fold(value, STR("true"));
    }
    *ret_wheel = wheel;
    return 0;
}

int python_direct_url_read(struct str text, struct arena *arena, struct python_direct_url *ret_url, struct err *err)
{
    const struct data_node *root, *url_node;
    struct python_direct_url url = {.editable = false};
    int r = too_large(text, LIMIT_PYTHON_TEXT_BYTES, "direct_url.json", err);
    if (!r)
        r = json_parse(text, arena, &root, err);
    if (!r)
        r = data_expect(root, DATA_OBJECT, err);
    if (!r)
        r = data_need(root, "url", &url_node, err);
    if (!r)
        r = data_str(url_node, &url.url, err);
    if (r)
        return r;
    const struct data_node *directory = data_get(root, "dir_info"), *vcs = data_get(root, "vcs_info");
    if (!r)
        r = data_bool(data_get(directory, "editable"), &url.editable, err);
    if (!r)
        r = data_str(data_get(vcs, "commit_id"), &url.commit, err);
    if (r)
        return r;
    url.is_directory = directory != NULL;
    url.is_archive = data_get(root, "archive_info") != NULL;
    url.is_vcs = vcs != NULL;
    *ret_url = url;
    return 0;
}

struct str python_installer(struct str text)
{
    struct str word = STR_NONE;
    (void)str_next_word(&text, &word);
    return word;
}

bool python_top_level_next(struct str *rest, struct str *ret_name)
{
    struct str line;
    while (str_next_line(rest, &line)) {
        line = str_trim(line);
        if (line.len == 0)
            continue;
        *ret_name = line;
        return true;
    }
    return false;
}
