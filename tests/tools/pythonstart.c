/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pythonstart.c - shows how an application would be started, in JSON.
 *
 *   pythonstart DIR PORT [-m MODULE] [DISTRIBUTION...]   with these distributions beside the application's own
 */
#include "data/json_writer.h"
#include "project/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void warn(void *self, struct str message)
{
    (void)self;
    fprintf(stderr, "warning: %.*s\n", STR_ARG(message));
}

static void show(const struct python_app *app, const struct python_start *start)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    json_object(&json);
    json_field_str(&json, "module", app->entry.module);
    json_field_str(&json, "root", app->entry.root);
    json_field_str(&json, "chosen", app->entry.chosen);
    json_field_z(&json, "server", start->server ? start->server : "");
    json_field_array(&json, "args");
    for (uint32_t i = 0; i < start->arg_count; i++)
        json_z(&json, start->args[i]);
    json_end(&json);
    json_field_z(&json, "host_variable", start->host_variable ? start->host_variable : "");
    json_field_z(&json, "port_variable", start->port_variable ? start->port_variable : "");
    json_field_z(&json, "note", start->port_note);
    json_field_z(&json, "warning", start->warning ? start->warning : "");
    json_field_array(&json, "mentions");
    for (size_t i = 0; i < app->mentions.len; i++)
        json_str(&json, app->mentions.ptr[i]);
    json_end(&json);
    json_end(&json);
    puts(buf_z(&out));
}

int main(int argc, char **argv)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct op_sink sink = {.warning = warn};
    struct op_ctx ctx = {.sink = &sink, .arena = &arena};
    struct python_request request = {0};
    struct python_app app;
    struct python_start start;
    struct err err = ERR_INIT;
    struct str more[32];
    size_t count = 0;
    if (argc < 3)
        return 2;
    request.app = str_z(argv[1]);
    for (int i = 3; i < argc && count < ARRAY_LEN(more); i++) {
        if (strcmp(argv[i], "-m") == 0 && i + 1 < argc)
            request.module = str_z(argv[++i]);
        else
            more[count++] = str_z(argv[i]);
    }
    int result = python_app_read(&ctx, &request, &app, &err);
    if (result == 0) {
        result = python_app_start(&app, (struct str_list){more, count}, (unsigned)strtoul(argv[2], NULL, 10), &arena,
                                  &start, &err);
        if (result == 0)
            show(&app, &start);
        python_app_done(&app);
    }
    if (result < 0)
        fprintf(stderr, "%s\n%s\n", err.message, err.hint);
    return result < 0 ? 1 : 0;
}
