/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what a survey finds in the directory that it is given, a line each, for tests/matrix/survey.sh. */
#include "survey/survey.h"

#include <stdio.h>

static void warn(void *self, struct str message)
{
    (void)self;
    printf("warning %.*s\n", STR_ARG(message));
}

static void tell(const char *what, const struct survey_answer *answer)
{
    if (answer->value.len == 0)
        return;
    printf("%s %.*s (%.*s:%u: %s)", what, STR_ARG(answer->value), STR_ARG(answer->path), answer->line, answer->why);
    for (size_t i = 0; i < answer->rivals.len; i++)
        printf("%s%.*s", i ? " " : " rivals: ", STR_ARG(answer->rivals.ptr[i]));
    printf("\n");
}

static void tell_all(const char *what, const struct survey_found *found)
{
    for (size_t i = 0; i < found->len; i++)
        tell(what, &found->ptr[i]);
}

int main(int argc, char **argv)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    const struct op_sink sink = {.warning = warn};
    const struct op_ctx ctx = {.sink = &sink, .arena = &arena};
    struct survey survey;
    struct err err = ERR_INIT;
    if (argc != 2 || survey_directory(&ctx, str_z(argv[1]), INIT_LANGUAGE_AUTO, &survey, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("noun %.*s\n", STR_ARG(survey.noun));
    tell("build", &survey.built_by);
    tell("name", &survey.name);
    tell("version", &survey.version);
    tell("language-version", &survey.language_version);
    tell("program", &survey.program);
    tell("module", &survey.module);
    tell("server", &survey.server);
    tell("framework", &survey.framework);
    tell("port", &survey.port);
    tell("port-variable", &survey.port_variable);
    tell("health", &survey.health);
    tell("live", &survey.live);
    tell("metrics", &survey.metrics);
    tell("metrics-port", &survey.metrics_port);
    tell("loopback", &survey.loopback);
    if (survey.links_statically)
        printf("static\n");
    if (survey.uses_c)
        printf("cgo\n");
    tell_all("writable", &survey.writable);
    tell_all("volume", &survey.volumes);
    tell_all("package", &survey.packages);
    tell_all("env", &survey.env);
    tell_all("secret", &survey.secrets);
    return 0;
}
