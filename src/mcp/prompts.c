/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"
#include "mcp/prompt.h"

const struct mcp_prompt *mcp_prompt_find(const struct mcp_server *server, struct str name)
{
    for (const struct mcp_prompt *prompt = server->description->prompts; prompt && prompt->name; prompt++)
        if (str_eq_z(name, prompt->name))
            return prompt;
    return NULL;
}

int mcp_refuse_prompt(struct mcp_turn *turn, struct str name, struct err *err)
{
    struct suggest suggest = suggest_begin(name);
    for (const struct mcp_prompt *prompt = turn->server->description->prompts; prompt && prompt->name; prompt++)
        suggest_offer(&suggest, str_z(prompt->name));
    if (suggest.best.len > 0)
        return mcp_refuse_params(turn, err, "Unknown prompt: '%.*s'; did you mean '%.*s'?", STR_ARG(mcp_shown(name)),
                                 STR_ARG(suggest.best));
    return mcp_refuse_params(turn, err, "Unknown prompt: '%.*s'; prompts/list names them all",
                             STR_ARG(mcp_shown(name)));
}

const struct mcp_prompt_argument *mcp_prompt_argument_find(const struct mcp_prompt *prompt, struct str name)
{
    for (const struct mcp_prompt_argument *argument = prompt->arguments; argument && argument->name; argument++)
        if (str_eq_z(name, argument->name))
            return argument;
    return NULL;
}

static int check_given(struct mcp_turn *turn, const struct mcp_prompt *prompt, const struct data_node *arguments,
                       struct err *err)
{
    DATA_EACH(given, arguments)
    {
        if (!mcp_prompt_argument_find(prompt, given->key)) {
            struct suggest suggest = suggest_begin(given->key);
            for (const struct mcp_prompt_argument *known = prompt->arguments; known && known->name; known++)
                suggest_offer(&suggest, str_z(known->name));
            return mcp_refuse_params(turn, err, "Invalid params: prompt '%s' has no argument '%.*s'%s%.*s%s",
                                     prompt->name, STR_ARG(mcp_shown(given->key)),
                                     suggest.best.len > 0 ? "; did you mean '" : "", STR_ARG(suggest.best),
                                     suggest.best.len > 0 ? "'?" : "");
        }
        if (given->kind != DATA_STRING)
            return mcp_refuse_params(turn, err, "Invalid params: argument '%.*s' of prompt '%s' is %s, not a string",
                                     STR_ARG(mcp_shown(given->key)), prompt->name, data_kind_name(given->kind));
    }
    return 0;
}

static int check_arguments(struct mcp_turn *turn, const struct mcp_prompt *prompt, const struct data_node *arguments,
                           struct err *err)
{
    if (arguments && arguments->kind != DATA_OBJECT)
        return mcp_refuse_params(turn, err, "Invalid params: 'arguments' is %s, not an object",
                                 data_kind_name(arguments->kind));
    int r = check_given(turn, prompt, arguments, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    for (const struct mcp_prompt_argument *known = prompt->arguments; known && known->name; known++)
        if (known->required && !data_get(arguments, known->name))
            return mcp_refuse_params(turn, err, "Invalid params: prompt '%s' needs the argument '%s'", prompt->name,
                                     known->name);
    return 0;
}

int mcp_answer_prompts_get(struct mcp_turn *turn, struct err *err)
{
    struct err failure = ERR_INIT;
    struct json_writer json;
    struct str name = STR_NONE;
    const struct data_node *arguments = data_get(turn->request->params, "arguments");
    int r = mcp_need_string(turn, turn->request->params, "name", &name, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    const struct mcp_prompt *prompt = mcp_prompt_find(turn->server, name);
    if (!prompt)
        return mcp_refuse_prompt(turn, name, err);
    arguments = data_absent(arguments) ? NULL : arguments;
    r = check_arguments(turn, prompt, arguments, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    mcp_result_begin(turn, &json);
    if (prompt->description)
        json_field_z(&json, "description", prompt->description);
    json_field_array(&json, "messages");
    r = prompt->get(prompt, arguments, turn->exchange->arena, &json, &failure);
    if (r == -ERR_NOMEM || r == -ERR_INTERNAL)
        return mcp_refuse_failure(turn, &failure, err);
    if (r != 0)
        return mcp_refuse_params(turn, err, "Invalid params: %s%s%s", failure.message, failure.hint[0] ? "; " : "",
                                 failure.hint);
    json_end(&json);
    return mcp_result_end(turn, &json, err);
}
