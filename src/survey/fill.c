/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey.h"

#include "base/num.h"

static void fill_text(struct str *text, const struct survey_answer *answer)
{
    if (text->len == 0)
        *text = answer->value;
}

static int fill_list(const struct op_ctx *ctx, struct str_list *list, const struct survey_found *found, struct err *err)
{
    if (list->len > 0 || found->len == 0)
        return 0;
    struct str *items = ARENA_ARRAY(ctx->arena, found->len, struct str);
    if (!items)
        return err_nomem(err);
    for (size_t i = 0; i < found->len; i++)
        items[i] = found->ptr[i].value;
    *list = (struct str_list){items, found->len};
    return 0;
}

static void fill_port(int64_t *port, const struct survey_answer *answer)
{
    uint64_t value;
    if (*port == 0 && num_parse_u64(answer->value, &value))
        *port = (int64_t)value;
}

int survey_fill(const struct op_ctx *ctx, const struct survey *survey, struct init_options *options, struct err *err)
{
    if (options->language == INIT_LANGUAGE_AUTO)
        options->language = (int)survey->language;
    if (options->build == INIT_BUILD_AUTO && options->language == (int)survey->language)
        options->build = (int)survey->build;
    if (options->link == INIT_LINK_AUTO && survey->links_statically)
        options->link = INIT_LINK_STATIC;
    else if (options->link == INIT_LINK_AUTO && survey->uses_c)
        options->link = INIT_LINK_DYNAMIC;
    fill_text(&options->name, &survey->name);
    fill_text(&options->version, &survey->version);
    fill_text(&options->language_version, &survey->language_version);
    fill_text(&options->program, &survey->program);
    if (options->module.len == 0) /* a module that a person names may need another server */
        fill_text(&options->server, &survey->server);
    fill_text(&options->module, &survey->module);
    fill_text(&options->port_variable, &survey->port_variable);
    fill_text(&options->health, &survey->health);
    fill_text(&options->live, &survey->live);
    fill_text(&options->metrics, &survey->metrics);
    fill_port(&options->port, &survey->port);
    fill_port(&options->metrics_port, &survey->metrics_port);
    int r = fill_list(ctx, &options->packages, &survey->packages, err);
    if (r == 0)
        r = fill_list(ctx, &options->writable, &survey->writable, err);
    return r == 0 ? fill_list(ctx, &options->volumes, &survey->volumes, err) : r;
}
