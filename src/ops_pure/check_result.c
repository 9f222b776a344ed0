/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/check_result.h"

#include "check/policy.h"
#include "report/compact.h"
#include "report/github.h"
#include "report/junit.h"
#include "report/sarif.h"
#include "report/text.h"

/* --- the JSON ----------------------------------------------------------------------------------------------- */

static const struct op_choice severities[] = {{"error", NULL}, {"warning", NULL}, {"note", NULL}, {NULL, NULL}};
static const struct op_choice verdicts[] = {
    {"fails", "the rule is broken"},
    {"unknown", "the rule can't tell: the value hangs on what is not known here"},
    {"waived", "the rule is broken, and a waiver with a reason covers it"},
    {NULL, NULL},
};
static const struct op_choice states[] = {{"judged", NULL}, {"not-judged", NULL}, {"skipped", NULL}, {NULL, NULL}};
static const struct op_choice outcomes[] = {
    {"pass", "everything was judged, and nothing found that fails the run"},
    {"fail", "there are findings at or above the severity that fails the run"},
    {"incomplete", "nothing failed, but something was not judged"},
    {NULL, NULL},
};

/* A place's fields stand flat in the structure OF that it belongs to. */
#define PLACE_FIELD(of, as, kind, text)                                                                                \
    {                                                                                                                  \
        .name = #as, .type = kind, .summary = text, OP_AT(struct of, at.as)                                            \
    }
#define PLACE_FIELDS(of)                                                                                               \
    PLACE_FIELD(of, file, OP_F_STR, "name of the file, as it was given"),                                              \
        PLACE_FIELD(of, line, OP_F_U64, "from 1; 0: the file as a whole"),                                             \
        PLACE_FIELD(of, column, OP_F_U64, "in characters, from 1"),                                                    \
        PLACE_FIELD(of, end_line, OP_F_U64, "line of the end"),                                                        \
        PLACE_FIELD(of, end_column, OP_F_U64, "column behind the last character"),                                     \
        PLACE_FIELD(of, offset, OP_F_U64, "bytes before it in the file"),                                              \
        PLACE_FIELD(of, length, OP_F_U64, "bytes; 0 where something is missing"),                                      \
        PLACE_FIELD(of, text, OP_F_STR, "the bytes there, cut when they are many")

static const struct op_field related_fields[] = {
    PLACE_FIELDS(check_related),
    {.name = "message",
     .type = OP_F_STR,
     .summary = "what this place has to do with it",
     OP_AT(struct check_related, message)},
    {.name = NULL},
};
static const struct op_record related_record = {"related", related_fields, sizeof(struct check_related)};

static const struct op_field finding_fields[] = {
    {.name = "rule", .type = OP_F_STR, .summary = "id of the rule", OP_AT(struct check_finding, rule)},
    {.name = "severity",
     .type = OP_F_STR,
     .choices = severities,
     .summary = "what the rule weighs here",
     OP_AT(struct check_finding, severity)},
    {.name = "verdict",
     .type = OP_F_STR,
     .choices = verdicts,
     .summary = "what became of the rule here",
     OP_AT(struct check_finding, verdict)},
    PLACE_FIELDS(check_finding),
    {.name = "message", .type = OP_F_STR, .summary = "what was found", OP_AT(struct check_finding, message)},
    {.name = "expected",
     .type = OP_F_STR,
     .optional = true,
     .summary = "what belongs there",
     OP_AT(struct check_finding, expected)},
    {.name = "remedy",
     .type = OP_F_STR,
     .optional = true,
     .summary = "what to do about it",
     OP_AT(struct check_finding, remedy)},
    {.name = "subject",
     .type = OP_F_STR,
     .optional = true,
     .summary = "container, service or stage that it is about",
     OP_AT(struct check_finding, subject)},
    {.name = "excerpt",
     .type = OP_F_STR,
     .optional = true,
     .summary = "the first line of the place, cut around it when it is long",
     OP_AT(struct check_finding, excerpt)},
    {.name = "excerpt_column",
     .type = OP_F_U64,
     .optional = true,
     .summary = "column of the excerpt's first character",
     OP_AT(struct check_finding, excerpt_column)},
    {.name = "waiver_reason",
     .type = OP_F_STR,
     .optional = true,
     .summary = "why it was waived",
     OP_AT(struct check_finding, waiver_reason)},
    {.name = "related",
     .type = OP_F_OBJECTS,
     .record = &related_record,
     .summary = "other places that have to do with it",
     OP_AT(struct check_finding, related)},
    {.name = NULL},
};
static const struct op_record finding_record = {"finding", finding_fields, sizeof(struct check_finding)};

static const struct op_field file_fields[] = {
    {.name = "file", .type = OP_F_STR, .summary = "name of the file, as it was given", OP_AT(struct check_file, file)},
    {.name = "surface",
     .type = OP_F_STR,
     .summary = "dockerfile, compose, kubernetes or image",
     OP_AT(struct check_file, surface)},
    {.name = "state",
     .type = OP_F_STR,
     .choices = states,
     .summary = "whether the rules were asked about it",
     OP_AT(struct check_file, state)},
    {.name = "reason",
     .type = OP_F_STR,
     .optional = true,
     .summary = "why it was not judged, or skipped",
     OP_AT(struct check_file, reason)},
    {.name = "documents",
     .type = OP_F_U64,
     .summary = "stages, services or objects that were judged",
     OP_AT(struct check_file, documents)},
    {.name = NULL},
};
static const struct op_record file_record = {"file", file_fields, sizeof(struct check_file)};

static const struct op_field summary_fields[] = {
    {.name = "errors",
     .type = OP_F_U64,
     .summary = "findings of severity error that fail",
     OP_AT(struct check_summary, errors)},
    {.name = "warnings",
     .type = OP_F_U64,
     .summary = "findings of severity warning that fail",
     OP_AT(struct check_summary, warnings)},
    {.name = "notes",
     .type = OP_F_U64,
     .summary = "findings of severity note that fail",
     OP_AT(struct check_summary, notes)},
    {.name = "waived", .type = OP_F_U64, .summary = "findings under a waiver", OP_AT(struct check_summary, waived)},
    {.name = "unknown",
     .type = OP_F_U64,
     .summary = "questions without an answer",
     OP_AT(struct check_summary, unknown)},
    {.name = "judged", .type = OP_F_U64, .summary = "files that were judged", OP_AT(struct check_summary, judged)},
    {.name = "not_judged",
     .type = OP_F_U64,
     .summary = "files that could not be judged",
     OP_AT(struct check_summary, not_judged)},
    {.name = "skipped",
     .type = OP_F_U64,
     .summary = "files that are of no kind that is judged",
     OP_AT(struct check_summary, skipped)},
    {.name = "bytes", .type = OP_F_U64, .summary = "of the files that were judged", OP_AT(struct check_summary, bytes)},
    {.name = NULL},
};
static const struct op_record summary_record = {"summary", summary_fields, sizeof(struct check_summary)};

static const struct op_field fields[] = {
    {.name = "verdict",
     .type = OP_F_STR,
     .choices = outcomes,
     .summary = "of the whole run",
     OP_AT(struct check_result, verdict)},
    {.name = "profile", .type = OP_F_STR, .summary = "rules in force", OP_AT(struct check_result, profile)},
    {.name = "kubernetes",
     .type = OP_F_STR,
     .summary = "version of the Pod Security Standards: 1.N",
     OP_AT(struct check_result, kubernetes)},
    {.name = "summary",
     .type = OP_F_OBJECT,
     .record = &summary_record,
     .summary = "how many",
     OP_AT(struct check_result, summary)},
    {.name = "findings",
     .type = OP_F_OBJECTS,
     .record = &finding_record,
     .summary = "by file and place",
     OP_AT(struct check_result, findings)},
    {.name = "files",
     .type = OP_F_OBJECTS,
     .record = &file_record,
     .summary = "what was looked at",
     OP_AT(struct check_result, files)},
    {.name = NULL},
};
const struct op_record check_result_record = {"check", fields, sizeof(struct check_result)};

/* --- from the report ---------------------------------------------------------------------------------------- */

static struct str optional(struct str text)
{
    return text.len > 0 ? text : STR_NONE;
}

static struct check_place place_from(const struct report_place *at)
{
    return (struct check_place){
        .file = at->file,
        .line = at->line,
        .column = at->column,
        .end_line = at->end_line,
        .end_column = at->end_column,
        .offset = at->offset,
        .length = at->len,
        .text = at->text,
    };
}

static const char *verdict_name(enum report_verdict verdict)
{
    static const char *const names[] = {"fails", "unknown", "waived"};
    return names[verdict];
}

static const char *state_name(enum report_file_state state)
{
    static const char *const names[] = {"judged", "not-judged", "skipped"};
    return names[state];
}

static int fill_finding(const struct report_finding *from, struct arena *arena, struct check_finding *to)
{
    struct check_related *related = ARENA_ARRAY(arena, from->related_count + 1, struct check_related);
    if (!related)
        return -ERR_NOMEM;
    for (size_t i = 0; i < from->related_count; i++)
        related[i] = (struct check_related){place_from(&from->related[i].at), from->related[i].message};
    *to = (struct check_finding){
        .rule = str_z(from->rule->id),
        .severity = str_z(severity_name(from->severity)),
        .verdict = str_z(verdict_name(from->verdict)),
        .at = place_from(&from->at),
        .message = from->message,
        .expected = optional(from->expected),
        .remedy = optional(from->remedy),
        .subject = optional(from->subject),
        .excerpt = optional(from->excerpt),
        .excerpt_column = from->excerpt.len > 0 ? from->excerpt_column : OP_ABSENT_U64,
        .waiver_reason = optional(from->waiver_reason),
        .related = {related, from->related_count},
    };
    return 0;
}

static int fill_findings(const struct report *report, struct arena *arena, struct check_result *result)
{
    struct check_finding *findings = ARENA_ARRAY(arena, report->finding_count + 1, struct check_finding);
    if (!findings)
        return -ERR_NOMEM;
    for (size_t i = 0; i < report->finding_count; i++) {
        int rc = fill_finding(&report->findings[i], arena, &findings[i]);
        if (rc)
            return rc;
    }
    result->findings.ptr = findings;
    result->findings.len = report->finding_count;
    return 0;
}

static int fill_files(const struct report *report, struct arena *arena, struct check_result *result)
{
    struct check_file *files = ARENA_ARRAY(arena, report->file_count + 1, struct check_file);
    if (!files)
        return -ERR_NOMEM;
    for (size_t i = 0; i < report->file_count; i++) {
        const struct report_file *from = &report->files[i];
        files[i] = (struct check_file){
            .file = from->name,
            .surface = str_z(surface_name(from->surface)),
            .state = str_z(state_name(from->state)),
            .reason = optional(from->reason),
            .documents = from->documents,
        };
    }
    result->files.ptr = files;
    result->files.len = report->file_count;
    return 0;
}

int check_result_fill(const struct report *report, int status, struct str version, struct arena *arena,
                      struct check_result *ret_result, struct err *err)
{
    const struct standard *standard = &report->policy->standard;
    const char *kubernetes = arena_printf(arena, "1.%u", standard->kubernetes_minor);
    struct check_result result = {
        .verdict = str_z(status == 0   ? "pass"
                         : status == 1 ? "fail"
                                       : "incomplete"),
        .profile = str_z(profile_name(standard->profile)),
        .kubernetes = str_z(kubernetes),
        .summary =
            {
                .errors = report->errors,
                .warnings = report->warnings,
                .notes = report->notes,
                .waived = report->waived,
                .unknown = report->unknown,
                .judged = report->judged,
                .not_judged = report->not_judged,
                .skipped = report->skipped,
                .bytes = report->bytes,
            },
        .report = report,
        .status = status,
        .version = version,
    };
    if (!kubernetes || fill_findings(report, arena, &result) || fill_files(report, arena, &result))
        return err_nomem(err);
    *ret_result = result;
    return 0;
}

/* --- other forms -------------------------------------------------------------------------------------------- */

void check_result_render(const void *result, struct text_out *out)
{
    report_text_write(((const struct check_result *)result)->report, out);
}

static int write_sarif(const void *result, struct buf *out, struct err *err)
{
    const struct check_result *check = result;
    return report_sarif_write(check->report, check->version, out, err);
}

static int write_junit(const void *result, struct buf *out, struct err *err)
{
    return report_junit_write(((const struct check_result *)result)->report, out, err);
}

static int write_github(const void *result, struct buf *out, struct err *err)
{
    return report_github_write(((const struct check_result *)result)->report, out, err);
}

static int write_compact(const void *result, struct buf *out, struct err *err)
{
    return report_compact_write(((const struct check_result *)result)->report, out, err);
}

int check_result_status(const void *result)
{
    return ((const struct check_result *)result)->status;
}

const struct op_format check_result_formats[] = {
    {"sarif", "application/sarif+json", "SARIF 2.1.0, for code scanning", write_sarif},
    {"junit", "application/xml", "JUnit XML, for CI systems that show tests", write_junit},
    {"github", "text/plain", "workflow commands, which GitHub shows as annotations", write_github},
    {"compact", "text/plain", "one line a finding, as compilers write it, for editors", write_compact},
    {.name = NULL},
};

const struct op_exit check_result_exits[] = {
    {0, "everything was judged and passed"},
    {1, "findings at or above the severity that fails the run"},
    {2, "wrong usage, a wrong configuration, or nothing there to judge"},
    {3, "nothing failed, but something could not be judged: a template, a broken or an unreadable file"},
    {0, NULL},
};
