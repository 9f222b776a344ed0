/* SPDX-License-Identifier: Apache-2.0 */
/*
 * initwrite DIR [OPTION=VALUE...] - the files of init/files.h below DIR, for tests that build what they say. Options
 * are the fields of struct init_options with numbers for enumerations; a list is an option that is given several times.
 */
#include "init/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MEMBERS = 64 };

static const struct text {
    const char *name;
    size_t offset;
} texts[] =
    {
#define TEXT(field)                                                                                                    \
    {                                                                                                                  \
#field, offsetof(struct init_options, field)                                                                   \
    }
        TEXT(name),    TEXT(version),          TEXT(image), TEXT(program),     TEXT(module), TEXT(server),
        TEXT(builder), TEXT(language_version), TEXT(base),  TEXT(source),      TEXT(health), TEXT(live),
        TEXT(metrics), TEXT(port_variable),    TEXT(user),  TEXT(probe_image), TEXT(memory), TEXT(cpu),
},
  lists[] = {TEXT(targets),  TEXT(packages), TEXT(run_packages), TEXT(entrypoint), TEXT(args),
             TEXT(writable), TEXT(volumes),  TEXT(env),          TEXT(secrets),    TEXT(health_command)},
  numbers[] = {TEXT(port), TEXT(metrics_port), TEXT(published_port), TEXT(replicas)},
  enums[] = {TEXT(language), TEXT(build), TEXT(link)};
#undef TEXT

static const char *const words[][12] = {
    {"auto", "c", "c++", "go", "rust", "python", "program", "image"},
    {"auto", "cc", "make", "cmake", "meson", "autotools", "go", "cargo", "uv", "requirements"},
    {"auto", "static", "dynamic"},
};

static void *field(struct init_options *options, const struct text *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return (char *)options + fields[i].offset;
    }
    return NULL;
}

static bool set(struct init_options *options, struct arena *arena, char *word)
{
    char *value = strchr(word, '=');
    if (!value)
        return false;
    *value++ = '\0';
    struct str *text = field(options, texts, ARRAY_LEN(texts), word);
    struct str_list *list = field(options, lists, ARRAY_LEN(lists), word);
    int64_t *number = field(options, numbers, ARRAY_LEN(numbers), word);
    if (text)
        *text = str_z(value);
    if (number)
        *number = strtoll(value, NULL, 10);
    if (list) {
        struct str *members = ARENA_ARRAY(arena, MEMBERS, struct str);
        if (!members || list->len == MEMBERS)
            return false;
        if (list->len > 0)
            memcpy(members, list->ptr, list->len * sizeof(*members));
        members[list->len++] = str_z(value);
        list->ptr = members;
    }
    for (size_t i = 0; i < ARRAY_LEN(enums); i++) {
        for (int k = 0; strcmp(enums[i].name, word) == 0 && k < 12 && words[i][k]; k++) {
            if (strcmp(words[i][k], value) == 0) {
                *(int *)((char *)options + enums[i].offset) = k;
                return true;
            }
        }
    }
    return text || number || list;
}

static bool write_file(const char *dir, const struct init_file *file)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%.*s", dir, STR_ARG(file->path));
    for (char *slash = strchr(path + strlen(dir) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) && errno != EEXIST)
            return false;
        *slash = '/';
    }
    FILE *out = fopen(path, "wb");
    if (!out)
        return false;
    bool ok = fwrite(file->content.ptr, 1, file->content.len, out) == file->content.len;
    ok = fclose(out) == 0 && ok;
    return ok && chmod(path, file->executable ? 0755 : 0644) == 0;
}

int main(int argc, char **argv)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct init_options options = {0};
    struct err err = ERR_INIT;
    for (int i = 2; i < argc; i++) {
        if (!set(&options, &arena, argv[i])) {
            fprintf(stderr, "initwrite: no option '%s'\n", argv[i]);
            return 2;
        }
    }
    struct init_files files;
    if (argc < 2 || init_write(&options, &arena, &files, &err) < 0) {
        fprintf(stderr, "initwrite: %s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < files.len; i++) {
        if (!write_file(argv[1], &files.ptr[i])) {
            perror(argv[1]);
            return 1;
        }
    }
    for (size_t i = 0; i < files.notes.len; i++)
        printf("%.*s\n", STR_ARG(files.notes.ptr[i]));
    return 0;
}
