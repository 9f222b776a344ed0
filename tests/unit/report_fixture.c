/* SPDX-License-Identifier: Apache-2.0 */
#include "report_fixture.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- rules ------------------------------------------------------------------------------------------------------ */

static const struct rule_source sources[] = {
    {"Dockerfile reference: HEALTHCHECK", "https://docs.docker.com/reference/dockerfile/#healthcheck"},
    {"A [second] one", "https://example.org/"},
    {NULL, NULL},
};

static const struct rule_example probe_examples[] = {
    {SURFACE_DOCKERFILE, "FROM scratch\nHEALTHCHECK CMD curl localhost\n",
     "FROM scratch\nHEALTHCHECK CMD [\"/app\"]\n"},
    {SURFACE_KUBERNETES, "a: {b: c}", "a: {}"},
    {0, NULL, NULL},
};

static const struct rule_param probe_params[] = {
    {"programs", RULE_PARAM_STRINGS, "what is known to be there", "[/app]"},
    {"depth", RULE_PARAM_NUMBER, "how deep to look", NULL},
    {NULL, 0, NULL, NULL},
};

static const struct rule probe_rule = {
    .id = "probe-runs",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .summary = "the program of a probe is in the image",
    .rationale =
        "A probe that can't start fails for ever, and <nobody> sees why.\n\nIt *is* never the program's fault.",
    .remedies = {[SURFACE_KUBERNETES] = "Let the kubelet ask with httpGet."},
    .remedy = "probe with a program that the image holds",
    .sources = sources,
    .examples = probe_examples,
    .params = probe_params,
};

static const struct rule tag_rule = {
    .id = "pinned-image",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE,
    .fix = RULE_FIX_ASKS,
    .summary = "images are named by digest",
    .rationale = "A tag moves.",
    .remedy = "append the digest: NAME:TAG@sha256:...",
};

static const struct rule windows_rule = {
    .id = "windows-only",
    .severity = SEVERITY_NOTE,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_RESTRICTED,
    .summary = "a rule that the profile does not have",
    .rationale = "None.",
    .remedy = "do nothing",
};

const struct rule *const rules[] = {&probe_rule, &tag_rule, &windows_rule, NULL};

/* --- comparing --------------------------------------------------------------------------------------------------- */

void fixture_expect(const char *name, struct str got)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/report/%s", TEST_DATA, name);
    const char *update = getenv("UPDATE");
    FILE *file = fopen(path, update && strcmp(update, "1") == 0 ? "w+e" : "re");
    assert_non_null(file);
    if (update && strcmp(update, "1") == 0) {
        assert_int_equal(fwrite(got.ptr, 1, got.len, file), got.len);
        rewind(file);
    }
    static char wanted[1 << 18];
    size_t len = fread(wanted, 1, sizeof(wanted) - 1, file);
    (void)fclose(file);
    wanted[len] = '\0';
    assert_string_equal(got.ptr, wanted);
    assert_int_equal(got.len, len);
}

/* --- the report ------------------------------------------------------------------------------------------------- */

#define DOCKERFILE STR_INIT("Dockerfile")
#define MANIFEST   STR_INIT("deploy/caf\xC3\xA9 1:2.yaml")
#define INCLUDED   STR_INIT("../base.yaml")

static struct report_related related[] = {
    {{DOCKERFILE, 1, 6, 1, 34, 5, 28, STR_INIT("gcr.io/distroless/static:1.0")}, STR_INIT("the image has no 'curl'")},
    {{INCLUDED, 3, 1, 4, 2, 20, 9, STR_INIT("a\nb")}, STR_INIT("and nothing adds it")},
};

static struct report_finding findings[] = {
    {
        .rule = &tag_rule,
        .verdict = REPORT_FAILS,
        .severity = SEVERITY_WARNING,
        .at = {DOCKERFILE, 1, 6, 1, 34, 5, 28, STR_INIT("gcr.io/distroless/static:1.0")},
        .message = STR_INIT("'gcr.io/distroless/static:1.0' has no digest"),
        .expected = STR_INIT("NAME:TAG@sha256:{64 digits}"),
        .remedy = STR_INIT("append the digest: NAME:TAG@sha256:..."),
        .excerpt = STR_INIT("FROM gcr.io/distroless/static:1.0"),
        .excerpt_column = 1,
    },
    {
        .rule = &probe_rule,
        .verdict = REPORT_FAILS,
        .severity = SEVERITY_ERROR,
        .at = {DOCKERFILE, 12, 17, 12, 33, 180, 16, STR_INIT("curl -f http://x")},
        .message = STR_INIT("'curl' is not in the image, 100% sure"),
        .remedy = STR_INIT("probe with a program that the image holds, for instance the application itself with an "
                           "option that asks its own endpoint:\n  HEALTHCHECK CMD [\"/app\", \"--probe\"]"),
        .subject = STR_INIT("stage 'final'"),
        .excerpt = STR_INIT("HEALTHCHECK CMD curl -f http://x"),
        .excerpt_column = 1,
        .related = related,
        .related_count = 2,
    },
    {
        .rule = &probe_rule,
        .verdict = REPORT_FAILS,
        .severity = SEVERITY_NOTE,
        .at = {MANIFEST, 7, 4, 7, 10, 90, 9, STR_INIT("\xE6\x97\xA5\xE6\x9C\xAC\x1B\xFF\"")},
        .message = STR_INIT("ugly bytes: \x1B[31m \xFF \xC2\x85 <&> \"q\" ::error\nsecond, line"),
        .subject = STR_INIT("container 'a,b:c' of Pod '<x>'"),
        .excerpt = STR_INIT("\t- \xE6\x97\xA5\xE6\x9C\xAC\x1B\xFF\"\ty e\xCC\x81"),
        .excerpt_column = 1,
    },
    {
        .rule = &tag_rule,
        .verdict = REPORT_WAIVED,
        .severity = SEVERITY_WARNING,
        .at = {MANIFEST, 9, 3, 11, 2, 120, 30, STR_INIT("image:\n    web\n")},
        .message = STR_INIT("'web' has no digest"),
        .remedy = STR_INIT("append the digest"),
        .excerpt = STR_INIT("  image:"),
        .excerpt_column = 1,
        .waiver_reason = STR_INIT("built <here> & \"now\""),
    },
    {
        .rule = &tag_rule,
        .verdict = REPORT_UNKNOWN,
        .severity = SEVERITY_WARNING,
        .at = {MANIFEST, 12, 10, 12, 14, 160, 4, STR_INIT("${V}")},
        .message = STR_INIT("'${V}' is not known here"),
        .excerpt = STR_INIT("  image: ${V}"),
        .excerpt_column = 1,
        .waiver_in_policy = false,
    },
    {
        .rule = &tag_rule,
        .verdict = REPORT_WAIVED,
        .severity = SEVERITY_WARNING,
        .at = {INCLUDED, 1, 1, 1, 1, 0, 0, STR_INIT("")},
        .message = STR_INIT("nothing says which image"),
        .waiver_reason = STR_INIT("legacy"),
        .waiver_in_policy = true,
    },
    {
        .rule = &tag_rule,
        .verdict = REPORT_WAIVED,
        .severity = SEVERITY_WARNING,
        .at = {INCLUDED, 1, 1, 1, 1, 0, 0, STR_INIT("")},
        .message = STR_INIT("nothing says which image, again"),
        .waiver_reason = STR_INIT("legacy"),
        .waiver_in_policy = true,
    },
};

static struct report_file files[] = {
    {DOCKERFILE, SURFACE_DOCKERFILE, REPORT_JUDGED, STR_INIT(""), 2},
    {STR_INIT("./charts/x.yaml"), SURFACE_KUBERNETES, REPORT_NOT_JUDGED, STR_INIT("a Helm template: '{{ .Values.x }}'"),
     0},
    {MANIFEST, SURFACE_KUBERNETES, REPORT_JUDGED, STR_INIT(""), 3},
    {STR_INIT("/etc/app.json"), SURFACE_KUBERNETES, REPORT_JUDGED, STR_INIT(""), 1},
    {STR_INIT("notes.yaml"), SURFACE_KUBERNETES, REPORT_SKIPPED, STR_INIT("no Kubernetes object"), 0},
};

const struct policy fixture_policy = {
    .standard = {.profile = PROFILE_STANDARD, .kubernetes_minor = 34},
    .fail_on = FAIL_ON_WARNING,
};

const struct report fixture_report = {
    .policy = &fixture_policy,
    .findings = findings,
    .finding_count = ARRAY_LEN(findings),
    .files = files,
    .file_count = ARRAY_LEN(files),
    .errors = 1,
    .warnings = 1,
    .notes = 1,
    .waived = 3,
    .unknown = 1,
    .judged = 3,
    .not_judged = 1,
    .skipped = 1,
    .bytes = 12345,
};

const struct report fixture_clean_report = {
    .policy = &fixture_policy,
    .files = files,
    .file_count = 1,
    .judged = 1,
    .bytes = 99,
};
