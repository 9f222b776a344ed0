/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pyfacts.c - shows what src/python reads, in JSON, for comparison with Python's own modules.
 *
 *   pyfacts metadata|wheel|record|direct-url|entries|script|venv|pth|finder FILE...   a line for each file
 *   pyfacts ask PLATFORM MAJOR.MINOR[t] LIBC   reads questions, a line each, and answers each with a line:
 *     cmp A<tab>B, spec SPECIFIERS<tab>VERSION, ext NAME, tag TAG, norm NAME
 */
#include "base/limits.h"
#include "data/json_writer.h"
#include "io/file.h"
#include "python/dist.h"
#include "python/entry.h"
#include "python/pth.h"
#include "python/shebang.h"
#include "python/venv.h"
#include "python/version.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int metadata(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_metadata found;
    int r = python_metadata_read(text, arena, &found, err);
    if (r)
        return r;
    json_field_str(json, "name", found.name);
    json_field_str(json, "version", found.version);
    json_field_str(json, "requires_python", found.requires_python);
    json_field_array(json, "requires");
    for (size_t i = 0; i < found.requirement_count; i++)
        json_str(json, found.requirements[i].name);
    json_end(json);
    return 0;
}

static int wheel(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_wheel found;
    int r = python_wheel_read(text, arena, &found, err);
    if (r)
        return r;
    json_field_bool(json, "purelib", found.root_is_purelib);
    json_field_array(json, "tags");
    for (size_t i = 0; i < found.tag_count; i++)
        json_str(json, found.tags[i]);
    json_end(json);
    return 0;
}

static int record(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_record *rows;
    size_t count;
    int r = python_record_read(text, arena, &rows, &count, err);
    if (r)
        return r;
    json_field_array(json, "rows");
    for (size_t i = 0; i < count; i++) {
        json_array(json);
        json_str(json, rows[i].path);
        json_str(json, rows[i].hash);
        json_i64(json, rows[i].has_size ? (int64_t)rows[i].size_bytes : -1);
        json_end(json);
    }
    json_end(json);
    return 0;
}

static int direct_url(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_direct_url found;
    int r = python_direct_url_read(text, arena, &found, err);
    if (r)
        return r;
    json_field_str(json, "url", found.url);
    json_field_bool(json, "editable", found.editable);
    return 0;
}

static int entries(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_entry *found;
    size_t count;
    int r = python_entries_read(text, arena, &found, &count, err);
    if (r)
        return r;
    json_field_array(json, "entries");
    for (size_t i = 0; i < count; i++) {
        const struct str parts[] = {found[i].group, found[i].name, found[i].module, found[i].attr};
        json_array(json);
        for (size_t k = 0; k < ARRAY_LEN(parts); k++)
            json_str(json, parts[k]);
        json_end(json);
    }
    json_end(json);
    return 0;
}

static int script(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    static const char *const kinds[] = {"none", "direct", "env", "trampoline", "other"};
    struct python_script found;
    struct buf anew CLEANUP_BUF = BUF_INIT;
    int r = python_script_read(text, &found, err);
    if (r)
        return r;
    (void)arena;
    json_field_z(json, "kind", kinds[found.kind]);
    json_field_str(json, "interpreter", found.interpreter);
    json_field_bool(json, "beside", found.beside);
    json_field_str(json, "module", found.module);
    json_field_str(json, "function", found.function);
    if (!python_script_rewrite(text, &found, STR("/usr/bin/python3"), &anew, NULL))
        json_field_str(json, "rewritten", buf_str(&anew));
    return 0;
}

static int venv(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    static const char *const makers[] = {"unknown", "venv", "virtualenv", "uv"};
    struct python_venv found;
    struct buf anew CLEANUP_BUF = BUF_INIT;
    int r = python_venv_read(text, &found, err);
    if (r)
        return r;
    (void)arena;
    python_venv_write(&found, STR("/usr/bin"), &anew);
    json_field_z(json, "maker", makers[found.maker]);
    json_field_str(json, "home", found.home);
    json_field_u64(json, "minor", found.interpreter.minor);
    json_field_u64(json, "micro", found.interpreter.micro);
    json_field_bool(json, "system", found.system_site_packages);
    json_field_u64(json, "problems", found.problems);
    json_field_str(json, "rewritten", buf_str(&anew));
    return 0;
}

static int pth(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_pth_line *lines;
    size_t count;
    int r = python_pth_read(text, arena, &lines, &count, err);
    if (r)
        return r;
    json_field_array(json, "lines");
    for (size_t i = 0; i < count; i++) {
        json_array(json);
        json_u64(json, lines[i].kind);
        json_str(json, lines[i].text);
        json_end(json);
    }
    json_end(json);
    return 0;
}

static int finder(struct str text, struct arena *arena, struct json_writer *json, struct err *err)
{
    struct python_finder_entry *found;
    size_t count;
    int r = python_finder_read(text, arena, &found, &count, err);
    if (r)
        return r;
    json_field_object(json, "mapping");
    for (size_t i = 0; i < count; i++) {
        json_key_str(json, found[i].package);
        json_str(json, found[i].path);
    }
    json_end(json);
    return 0;
}

static const struct {
    const char *name;
    int (*show)(struct str text, struct arena *arena, struct json_writer *json, struct err *err);
} readers[] = {
    {"metadata", metadata}, {"wheel", wheel}, {"record", record}, {"direct-url", direct_url}, {"entries", entries},
    {"script", script},     {"venv", venv},   {"pth", pth},       {"finder", finder},
};

static int show_file(const char *kind, const char *path)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT, out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct json_writer json;
    int r = file_read_all(AT_FDCWD, path, LIMIT_PYTHON_RECORD_BYTES, &text, &err);
    json_writer_init(&json, &out, JSON_COMPACT);
    json_object(&json);
    for (size_t i = 0; !r && i < ARRAY_LEN(readers); i++)
        if (strcmp(readers[i].name, kind) == 0)
            r = readers[i].show(buf_str(&text), &arena, &json, &err);
    if (r)
        json_field_z(&json, "error", err.message);
    json_end(&json);
    puts(buf_z(&out));
    return json_writer_check(&json, &err) ? 1 : 0;
}

static const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

static void answer(struct str line, const struct python_interpreter *interpreter)
{
    struct str question = STR_NONE, first = STR_NONE;
    struct buf out CLEANUP_BUF = BUF_INIT;
    bool matches = false;
    (void)str_next(&line, ' ', &question);
    (void)str_next(&line, '\t', &first);
    if (str_eq_z(question, "cmp")) {
        struct python_version a, b;
        if (!python_version_parse(first, &a) || !python_version_parse(line, &b)) {
            puts("invalid");
            return;
        }
        int order = python_version_cmp(&a, &b);
        puts(order < 0 ? "lt" : order > 0 ? "gt" : "eq");
    } else if (str_eq_z(question, "spec")) {
        puts(python_specifiers_match(first, line, &matches, NULL) ? "invalid" : yes_no(matches));
    } else if (str_eq_z(question, "tag")) {
        puts(python_tag_fits(first, interpreter, &matches, NULL, NULL) ? "invalid" : yes_no(matches));
    } else if (str_eq_z(question, "ext")) {
        struct python_ext ext = python_ext_parse(first);
        puts(yes_no(python_ext_fits(&ext, interpreter, NULL)));
    } else {
        python_dist_normalize(first, &out);
        puts(buf_z(&out));
    }
}

static int ask(char **argv)
{
    struct python_interpreter interpreter;
    struct buf name CLEANUP_BUF = BUF_INIT;
    buf_addf(&name, "python%s", argv[1]);
    if (!python_name_parse(buf_str(&name), &interpreter) ||
        sscanf(argv[2], "%u.%u", &interpreter.libc_major, &interpreter.libc_minor) != 2)
        return 2;
    interpreter.platform = str_z(argv[0]);
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        struct str rest = str_z(line), text;
        if (str_next_line(&rest, &text))
            answer(text, &interpreter);
    }
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "ask") == 0)
        return ask(argv + 2);
    int status = argc < 3 ? 2 : 0;
    for (int i = 2; i < argc && !status; i++)
        status = show_file(argv[1], argv[i]);
    return status;
}
