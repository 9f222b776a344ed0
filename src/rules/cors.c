/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/cors.h"

#include "rules/families.h"
#include "rules/judge.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n"                       \
    "      image: registry.example/web:1.2\n      env:\n        - name: ALLOWED_ORIGINS\n" lines
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n    environment:\n" lines

static void no_wildcard_cors(struct judge *judge, const struct workload *workload);

const struct rule no_wildcard_cors_rule = {
    .id = "no-wildcard-cors",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "no server lets every origin's pages read its answers",
    .rationale =
        "ALLOWED_ORIGINS=* lets any page that a person has open read what the server answers to that person's "
        "browser: an intranet service becomes readable from the internet through whoever looks at both. Where the "
        "server mirrors the origin and allows credentials, it hands out sessions as well. The value is mostly left "
        "over from development.",
    .remedy = "Name the origins that the front end is served from, such as https://app.example.com; set none where the "
              "pages come from the same origin.",
    .sources =
        (const struct rule_source[]){
            {"Fetch standard: CORS protocol", "https://fetch.spec.whatwg.org/#http-cors-protocol"},
            {"MDN: Cross-Origin Resource Sharing", "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS"},
            {"OWASP: Testing Cross Origin Resource Sharing",
             "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/"
             "11-Client-side_Testing/07-Testing_Cross_Origin_Resource_Sharing"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("      ALLOWED_ORIGINS: \"*\"\n"),
             SERVICE("      ALLOWED_ORIGINS: https://app.example.com\n")},
            {SURFACE_KUBERNETES, POD("          value: \"*\"\n"), POD("          value: https://app.example.com\n")},
            {0},
        },
    .workload = no_wildcard_cors,
};

/* --- names -------------------------------------------------------------------------------------------------- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Takes the next word of ALLOWED_ORIGINS, allowedOrigins, Cors__AllowedOrigins__0. */
static bool next_word(struct str *name, struct str *ret_word)
{
    size_t start = 0;
    while (start < name->len && !char_is_alpha(name->ptr[start]))
        start++;
    size_t end = start;
    while (end < name->len && char_is_alpha(name->ptr[end]) &&
           !(end > start && is_upper(name->ptr[end]) && !is_upper(name->ptr[end - 1])))
        end++;
    *ret_word = str_of(name->ptr + start, end - start);
    *name = str_skip(*name, end);
    return ret_word->len > 0;
}

struct words {
    bool origin, cors, allow, all;
};

static struct words words_of(struct str name)
{
    struct words words = {0};
    struct str word;
    while (next_word(&name, &word)) {
        words.origin |= str_eq_fold(word, STR("origin")) || str_eq_fold(word, STR("origins"));
        words.cors |= str_eq_fold(word, STR("cors"));
        words.allow |= str_eq_fold(word, STR("allow")) || str_eq_fold(word, STR("allowed"));
        words.all |= str_eq_fold(word, STR("all")) || str_eq_fold(word, STR("any"));
    }
    return words;
}

/* --- values ------------------------------------------------------------------------------------------------- */

static bool is_separator(char c)
{
    return c == ',' || c == ';' || c == '|' || c == '[' || c == ']' || c == '"' || c == '\'' || char_is_space(c);
}

static bool is_everyone(struct str origin)
{
    static const char *const all[] = {"*",    "http://*", "https://*",  "*://*",      ".*",
                                      "^.*$", "*:*",      "http://*:*", "https://*:*"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (str_eq_z(origin, all[i]))
            return true;
    return false;
}

/* A list of origins, in JSON or with any separator, has one that is everyone. */
static bool has_wildcard(struct str value)
{
    for (size_t i = 0; i < value.len;) {
        size_t end = i;
        while (end < value.len && !is_separator(value.ptr[end]))
            end++;
        if (is_everyone(str_of(value.ptr + i, end - i)))
            return true;
        i = end + 1;
    }
    return false;
}

static bool is_true(struct str value)
{
    return str_eq_fold(value, STR("true")) || str_eq_z(value, "1") || str_eq_fold(value, STR("yes")) ||
           str_eq_fold(value, STR("on"));
}

static bool turns_on(struct words words, struct str value)
{
    return words.cors && words.allow && words.all && is_true(value); /* CORS_ALLOW_ALL_ORIGINS */
}

bool cors_lets_everyone(struct str name, struct str value)
{
    struct words words = words_of(name);
    return (words.origin && has_wildcard(value)) || turns_on(words, value);
}

static void judge_variable(struct judge *judge, const struct env_fact *env)
{
    struct words words = words_of(env->name);
    bool every = words.cors && words.allow && words.all;
    if (!every && !(words.origin && (words.cors || words.allow)) &&
        !(words.origin && fact_said(&env->value.fact) && has_wildcard(env->value.value)))
        return;
    if (env->value.fact.state == FACT_INVALID)
        return; /* told by known-keys */
    if (!fact_said(&env->value.fact)) {
        judge_unknown(judge, env->value.fact.state == FACT_UNKNOWN ? env->value.fact.at : env->name_at,
                      "what '%.*s' lets in is not known here", STR_ARG(env->name));
        return;
    }
    if (has_wildcard(env->value.value))
        judge_fail(judge, env->value.fact.at, "every origin may read the answers: '%.*s' has a wildcard",
                   STR_ARG(env->name));
    else if (turns_on(words, env->value.value))
        judge_fail(judge, env->value.fact.at, "every origin may read the answers: '%.*s' is on", STR_ARG(env->name));
    else
        return;
    judge_expect(judge, "the origins of the front end, such as https://app.example.com");
    judge_fact(judge, &env->value.fact);
}

static void no_wildcard_cors(struct judge *judge, const struct workload *workload)
{
    for (size_t i = 0; i < workload->env_count; i++)
        judge_variable(judge, &workload->env[i]);
}
