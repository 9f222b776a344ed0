/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/rule_result.h"
#include "report/rule_page.h"
#include "service/catalogue.h"
#include "service/catalogue_text.h"
#include "service/catalogue_words.h"

/* --- parts of messages ------------------------------------------------------------------------------------------ */

/* The argument NAME without white space around it; empty when it is not given. */
static struct str argument(const struct data_node *arguments, const char *name)
{
    const struct data_node *node = data_get(arguments, name);
    return node && node->kind == DATA_STRING ? str_trim(node->value) : STR("");
}

static void write_text(struct json_writer *messages, struct str text)
{
    json_object(messages);
    json_field_z(messages, "role", "user");
    json_field_object(messages, "content");
    json_field_z(messages, "type", "text");
    json_field_str(messages, "text", text);
    json_end(messages);
    json_end(messages);
}

static void write_resource(struct json_writer *messages, struct str uri, struct str text)
{
    json_object(messages);
    json_field_z(messages, "role", "user");
    json_field_object(messages, "content");
    json_field_z(messages, "type", "resource");
    json_field_object(messages, "resource");
    json_field_str(messages, "uri", uri);
    json_field_str(messages, "mimeType", CATALOGUE_MARKDOWN);
    json_field_str(messages, "text", text);
    json_end(messages);
    json_end(messages);
    json_end(messages);
}

static size_t longest_backticks(struct str text)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < text.len; i++) {
        run = text.ptr[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* TEXT as it stands, in a fence that nothing inside it can close. */
static void add_fenced(struct buf *out, struct str text)
{
    size_t ticks = longest_backticks(text);
    size_t fence = ticks < 3 ? 3 : ticks + 1;
    buf_add_fill(out, '`', fence);
    buf_add_char(out, '\n');
    buf_add_str(out, text);
    buf_add_char(out, '\n');
    buf_add_fill(out, '`', fence);
    buf_add_char(out, '\n');
}

/* --- harden-service --------------------------------------------------------------------------------------------- */

static const struct mcp_prompt_argument harden_arguments[] = {
    {"service", "Service", "what it is and does, how it is built and started, or where its sources are", false},
    {"language", "Language", "what it is written in, as in 'go' or 'python'", false},
    {"platform", "Platform", "what it is deployed with: compose, kubernetes or both", false},
    {"files", "Files", "the texts of its Dockerfile, Compose file and manifests, if there are some", false},
    {NULL, NULL, NULL, false},
};

static int platform_of(struct str name, struct err *err)
{
    if (name.len == 0)
        return 0;
    for (size_t i = 0; catalogue_platforms[i]; i++)
        if (str_eq_z(name, catalogue_platforms[i]))
            return 0;
    return err_set(err, ERR_USAGE, "'platform' is '%.*s': use compose, kubernetes or both", STR_ARG(name));
}

static void add_language(struct buf *out, struct str language)
{
    if (language.len == 0)
        return;
    buf_addf(out, "\nIt is written in %.*s.", STR_ARG(language));
    for (size_t i = 0; catalogue_languages[i].name; i++)
        if (str_eq_fold(language, str_z(catalogue_languages[i].name)))
            buf_addf(out, " %s", catalogue_languages[i].advice);
    buf_add_char(out, '\n');
}

static const char *wanted_files(struct str platform)
{
    if (str_eq(platform, STR("compose")))
        return "a Dockerfile and a compose.yaml";
    if (str_eq(platform, STR("kubernetes")))
        return "a Dockerfile and Kubernetes manifests";
    if (str_eq(platform, STR("both")))
        return "a Dockerfile, a compose.yaml and Kubernetes manifests";
    return "a Dockerfile, and a compose.yaml or Kubernetes manifests where the service is deployed so";
}

static const char harden_steps[] =
    "2. Give the texts of all files that there are to the tool `check`, whole and together. Its findings are the list "
    "of what to mend; each names the place, what is expected and the remedy. For a rule that is not clear call "
    "`explain`, or read `barehull://rules/ID`.\n"
    "3. Write what is missing and mend the rest, as small as can be. What the program does stays as it is; where a "
    "change could alter that (another user, a read-only root, a limit), look in the sources whether it does, and say "
    "so.\n"
    "4. Call `check` with all the changed texts, and go on until its verdict is `pass`. Values that are unknown, files "
    "that were not judged and notes are told, not passed over.\n"
    "5. Make nothing up. A digest comes from a registry: where you can't ask one, keep the tag and say what is to be "
    "done. Limits, ports and paths come from the sources or from the owner.\n"
    "6. Waive nothing by yourself. Where a rule can't be kept, say which one and why, and let the owner decide.\n\n"
    "At the end show the changed files whole, the last verdict of `check`, and in a few lines: what changed and by "
    "which "
    "rule, what could behave otherwise, and what the owner still has to decide.\n";

static int harden_get(const struct mcp_prompt *prompt UNUSED, const struct data_node *arguments,
                      struct arena *arena UNUSED, struct json_writer *messages, struct err *err)
{
    CLEANUP_BUF struct buf standard = BUF_INIT, text = BUF_INIT;
    struct str service = argument(arguments, "service"), files = argument(arguments, "files");
    struct str platform = argument(arguments, "platform");
    int rc = platform_of(platform, err);
    if (rc)
        return rc;
    buf_add_z(&text, "Make a hardened, distroless container of this service, by the barehull standard above, and prove "
                     "it with the tool `check`.\n");
    if (service.len > 0)
        buf_addf(&text, "\nThe service: %.*s\n", STR_ARG(service));
    add_language(&text, argument(arguments, "language"));
    if (files.len > 0) {
        buf_add_z(&text, "\nIts files:\n\n");
        add_fenced(&text, files);
    }
    buf_addf(&text,
             "\nWanted: %s.\n\n"
             "1. Learn from the sources and files how the service is built and started, which ports it listens on, "
             "which paths it writes, which variables it reads, and how it tells that it is healthy. Ask the owner for "
             "what they do not tell and what matters.\n",
             wanted_files(platform));
    buf_add_z(&text, harden_steps);
    catalogue_standard(&standard);
    rc = buf_check(&standard, err);
    rc = rc ? rc : buf_check(&text, err);
    if (rc)
        return rc;
    write_resource(messages, CATALOGUE_STANDARD_URI, buf_str(&standard));
    write_text(messages, buf_str(&text));
    return 0;
}

/* --- explain-finding -------------------------------------------------------------------------------------------- */

static const struct mcp_prompt_argument explain_arguments[] = {
    {"rule", "Rule", "id of the rule, as in 'exec-form'", true},
    {"message", "Message", "what the finding says", false},
    {"excerpt", "Excerpt", "the lines that it is about, or the whole file", false},
    {"surface", "Kind of file", "dockerfile, compose or kubernetes", false},
    {NULL, NULL, NULL, false},
};

struct finding {
    const struct rule *rule;
    struct str message, excerpt;
    bool has_surface;
    enum surface surface;
};

static int finding_of(const struct data_node *arguments, struct finding *finding, struct err *err)
{
    struct str surface = argument(arguments, "surface");
    finding->message = argument(arguments, "message");
    finding->excerpt = argument(arguments, "excerpt");
    int rc = rule_find_or_suggest(argument(arguments, "rule"), &finding->rule, err);
    if (rc || surface.len == 0)
        return rc;
    finding->has_surface = catalogue_surface_of(surface, &finding->surface);
    if (finding->has_surface && catalogue_is_judged(finding->rule, finding->surface))
        return 0;
    CLEANUP_BUF struct buf judged = BUF_INIT;
    rule_page_surfaces(finding->rule, &judged);
    rc = buf_check(&judged, err);
    return rc ? rc
              : err_set(err, ERR_USAGE, "'surface' is '%.*s': '%s' is judged on %s", STR_ARG(surface),
                        finding->rule->id, buf_z(&judged));
}

static void add_finding(struct buf *out, const struct finding *finding)
{
    buf_addf(out, "`barehull check` reports a finding of the rule `%s`", finding->rule->id);
    if (finding->has_surface)
        buf_addf(out, " on a file of the kind %s", surface_name(finding->surface));
    buf_addf(out, "%s\n", finding->message.len > 0 ? ":" : ".");
    if (finding->message.len > 0) {
        buf_add_char(out, '\n');
        add_fenced(out, finding->message);
    }
    if (finding->excerpt.len > 0) {
        buf_add_z(out, "\nWhere it is:\n\n");
        add_fenced(out, finding->excerpt);
    }
    if (finding->has_surface)
        buf_addf(out, "\nWhat the rule says to do there: %s\n", rule_remedy(finding->rule, finding->surface));
}

static const char explain_task[] =
    "\nExplain it to the file's owner by the rule's page above, in a few sentences and about this very file:\n\n"
    "1. What was found, and what goes wrong in practice when it stays.\n"
    "2. The smallest change that mends it, as the lines to write; then what could behave otherwise afterwards.\n"
    "3. When the whole file is at hand, call the tool `check` with its changed text and tell what it says. Without it, "
    "say that the change was not checked.\n\n"
    "Name a waiver only where the rule can't be kept, with a reason that the owner gives.\n";

static int explain_get(const struct mcp_prompt *prompt UNUSED, const struct data_node *arguments, struct arena *arena,
                       struct json_writer *messages, struct err *err)
{
    CLEANUP_BUF struct buf page = BUF_INIT, text = BUF_INIT;
    struct finding finding = {0};
    int rc = finding_of(arguments, &finding, err);
    if (rc)
        return rc;
    add_finding(&text, &finding);
    buf_add_z(&text, explain_task);
    catalogue_rule(finding.rule, &page);
    rc = buf_check(&page, err);
    rc = rc ? rc : buf_check(&text, err);
    if (rc)
        return rc;
    char *uri = arena_printf(arena, "%.*s%s", STR_ARG(CATALOGUE_RULES_PREFIX), finding.rule->id);
    if (!uri)
        return err_nomem(err);
    write_resource(messages, str_z(uri), buf_str(&page));
    write_text(messages, buf_str(&text));
    return 0;
}

/* ---------------------------------------------------------------------------------------------------------------- */

const struct mcp_prompt catalogue_prompts[] = {
    {
        .name = "harden-service",
        .title = "Harden a service",
        .description = "Leads from a service's sources or files to a hardened, distroless container that passes the "
                       "standard.",
        .arguments = harden_arguments,
        .get = harden_get,
    },
    {
        .name = "explain-finding",
        .title = "Explain a finding",
        .description = "Explains a finding of barehull to the file's owner, and mends it.",
        .arguments = explain_arguments,
        .get = explain_get,
    },
    {.name = NULL},
};
