/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths that tell of health: texts that are such a path as a whole, with the method before it at most ("GET /healthz",
 * as Go's mux takes it). Conventions: Kubernetes' healthz, livez, readyz; Prometheus' /-/healthy and /-/ready; Spring's
 * actuator; Mozilla's Dockerflow.
 */
#include "survey/scan.h"

struct route {
    const char *path;
    enum hint_kind kind;
    int weight;
};

static const struct route routes[] = {
    {"/readyz", HINT_READY, HINT_CALL},
    {"/-/ready", HINT_READY, HINT_CALL},
    {"/ready", HINT_READY, HINT_CALL - 1},
    {"/readiness", HINT_READY, HINT_CALL - 1},
    {"/health/ready", HINT_READY, HINT_CALL},
    {"/healthz/ready", HINT_READY, HINT_CALL},
    {"/health/readiness", HINT_READY, HINT_CALL},
    {"/actuator/health/readiness", HINT_READY, HINT_CALL},
    {"/api/ready", HINT_READY, HINT_CALL - 2},
    {"/livez", HINT_LIVE, HINT_CALL},
    {"/live", HINT_LIVE, HINT_CALL - 1},
    {"/-/live", HINT_LIVE, HINT_CALL},
    {"/alive", HINT_LIVE, HINT_CALL - 2},
    {"/liveness", HINT_LIVE, HINT_CALL - 1},
    {"/health/live", HINT_LIVE, HINT_CALL},
    {"/healthz/live", HINT_LIVE, HINT_CALL},
    {"/health/liveness", HINT_LIVE, HINT_CALL},
    {"/actuator/health/liveness", HINT_LIVE, HINT_CALL},
    {"/__lbheartbeat__", HINT_LIVE, HINT_CALL},
    {"/healthz", HINT_HEALTH, HINT_CALL},
    {"/health", HINT_HEALTH, HINT_CALL},
    {"/-/healthy", HINT_HEALTH, HINT_CALL},
    {"/_health", HINT_HEALTH, HINT_CALL},
    {"/healthcheck", HINT_HEALTH, HINT_CALL},
    {"/health-check", HINT_HEALTH, HINT_CALL},
    {"/health_check", HINT_HEALTH, HINT_CALL},
    {"/actuator/health", HINT_HEALTH, HINT_CALL},
    {"/__heartbeat__", HINT_HEALTH, HINT_CALL},
    {"/heartbeat", HINT_HEALTH, HINT_CALL - 3},
    {"/api/health", HINT_HEALTH, HINT_CALL - 2},
    {"/api/healthz", HINT_HEALTH, HINT_CALL - 2},
    {"/v1/health", HINT_HEALTH, HINT_CALL - 2},
    {"/api/v1/health", HINT_HEALTH, HINT_CALL - 2},
    {"/ping", HINT_HEALTH, HINT_CALL - 5},
    {"/status", HINT_HEALTH, HINT_CALL - 6},
    {"/metrics", HINT_METRICS, HINT_CALL},
};

static const char *why_of(enum hint_kind kind)
{
    return kind == HINT_METRICS ? "serves metrics there" : "serves it";
}

/* "GET /healthz" is the path, so is that of "GET /healthz HTTP/1.1"; others are as they are. */
static struct str without_method(struct str text)
{
    size_t space = str_find_char(text, ' ');
    struct str method = str_head(text, space);
    if (!str_eq_z(method, "GET") && !str_eq_z(method, "HEAD"))
        return text;
    text = str_skip(text, space + 1);
    return str_head(text, str_find_char(text, ' '));
}

/* A call that asks another server, and no handler: requests.get("/x"), fetch, curl. */
static bool is_asked(const struct tokens *tokens, size_t at)
{
    static const char *const clients[] = {"requests", "httpx", "client", "session", "Client", "reqwest", "urljoin"};
    for (size_t back = 1; back <= 4 && back <= at; back++)
        for (size_t i = 0; i < ARRAY_LEN(clients); i++)
            if (token_is(tokens, at - back, clients[i]))
                return true;
    return token_is(tokens, at - 1, "+"); /* the end of another server's address */
}

/* Django's path("health/", ...): no slash at the start, one at the end. */
static bool is_django(const struct scanner *scanner, size_t at)
{
    return scanner->syntax == TOKEN_PYTHON && at >= 2 && token_is(scanner->tokens, at - 1, "(") &&
           (token_is(scanner->tokens, at - 2, "path") || token_is(scanner->tokens, at - 2, "re_path"));
}

int scan_routes(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    if (!token_is_kind(tokens, at, TOKEN_TEXT) || at == 0 || tokens->ptr[at].text.len > 64)
        return 0;
    struct str text = without_method(tokens->ptr[at].text);
    bool django = is_django(scanner, at);
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        struct str path = str_z(routes[i].path);
        struct str plain = text.len > 1 && str_ends(text, STR("/")) ? str_head(text, text.len - 1) : text;
        bool same = django ? str_eq(plain, str_skip(path, 1)) : str_eq(plain, path);
        if (!same || is_asked(tokens, at))
            continue;
        /* A slash at the end is part of the path: servers redirect without it, or don't know it. */
        char whole[80] = "/";
        size_t len = django ? 1 : 0;
        for (size_t k = 0; k < text.len; k++)
            whole[len++] = text.ptr[k];
        return scan_hint(scanner, routes[i].kind, routes[i].weight, str_of(whole, len), at, why_of(routes[i].kind),
                         err);
    }
    return 0;
}
