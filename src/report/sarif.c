/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sarif.h"

#include "base/alloc.h"
#include "check/check.h"
#include "data/json_writer.h"
#include "report/groups.h"
#include "report/sarif_rules.h"

#include <string.h>

struct sarif {
    struct json_writer json;
    const struct report *report;
    struct report_groups groups;
    struct buf scratch;
};

/* --- texts and places ------------------------------------------------------------------------------------------- */

/* Braces are doubled in a message: single ones are placeholders (section 3.11.5). */
static void add_message_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '{' || c == '}')
            buf_add_char(out, c);
        buf_add_char(out, c);
    }
}

static void write_message(struct sarif *sarif, struct str text)
{
    buf_truncate(&sarif->scratch, 0);
    add_message_text(&sarif->scratch, text);
    json_field_object(&sarif->json, "message");
    json_field_str(&sarif->json, "text", buf_str(&sarif->scratch));
    json_end(&sarif->json);
}

static void add_message_line(struct buf *out, const char *label, struct str text)
{
    if (text.len == 0)
        return;
    buf_addf(out, "\n%s: ", label);
    add_message_text(out, text);
}

static void write_finding_message(struct sarif *sarif, const struct report_finding *finding)
{
    buf_truncate(&sarif->scratch, 0);
    add_message_text(&sarif->scratch, finding->message);
    add_message_line(&sarif->scratch, "in", finding->subject);
    add_message_line(&sarif->scratch, "expected", finding->expected);
    add_message_line(&sarif->scratch, "remedy", finding->remedy);
    json_field_object(&sarif->json, "message");
    json_field_str(&sarif->json, "text", buf_str(&sarif->scratch));
    json_end(&sarif->json);
}

/* RFC 3986: what may stand in a path as it is; ":" too would make a scheme of the first segment. */
static bool is_path_char(char c)
{
    return char_is_alnum(c) || (c != '\0' && strchr("-._~/!$&'()*+,;=@", c));
}

static bool is_below_root(struct str name)
{
    return !str_starts(name, STR("/")) && !str_eq_z(name, "..") && !str_starts(name, STR("../"));
}

static void write_artifact_location(struct sarif *sarif, const char *key, struct str name)
{
    const struct report_group *group = report_groups_find(&sarif->groups, name);
    name = report_plain_name(name);
    buf_truncate(&sarif->scratch, 0);
    buf_add_z(&sarif->scratch, str_starts(name, STR("/")) ? "file://" : "");
    for (size_t i = 0; i < name.len; i++) {
        if (is_path_char(name.ptr[i]))
            buf_add_char(&sarif->scratch, name.ptr[i]);
        else
            buf_addf(&sarif->scratch, "%%%02X", (unsigned)(unsigned char)name.ptr[i]);
    }
    json_field_object(&sarif->json, key);
    json_field_str(&sarif->json, "uri", buf_str(&sarif->scratch));
    if (is_below_root(name))
        json_field_z(&sarif->json, "uriBaseId", "SRCROOT");
    if (group)
        json_field_u64(&sarif->json, "index", (uint64_t)(group - sarif->groups.items));
    json_end(&sarif->json);
}

static void write_snippet(struct sarif *sarif, struct str text)
{
    json_field_object(&sarif->json, "snippet");
    json_field_str(&sarif->json, "text", text);
    json_end(&sarif->json);
}

static void write_region(struct sarif *sarif, const struct report_place *at)
{
    struct json_writer *json = &sarif->json;
    json_field_object(json, "region");
    json_field_u64(json, "startLine", at->line);
    json_field_u64(json, "startColumn", at->column);
    json_field_u64(json, "endLine", at->end_line);
    json_field_u64(json, "endColumn", at->end_column);
    json_field_u64(json, "byteOffset", at->offset);
    json_field_u64(json, "byteLength", at->len);
    if (at->len > 0 && at->text.len == at->len)
        write_snippet(sarif, at->text);
    json_end(json);
}

static uint32_t characters(struct str text)
{
    uint32_t count = 0;
    while (text.len > 0) {
        size_t valid = str_utf8_valid(text);
        for (size_t i = 0; i < valid; i++)
            count += ((unsigned char)text.ptr[i] & 0xc0U) != 0x80U;
        if (valid < text.len) {
            count++;
            valid++;
        }
        text = str_skip(text, valid);
    }
    return count;
}

/* The line around it, when it holds the whole region and more. */
static void write_context(struct sarif *sarif, const struct report_finding *finding)
{
    struct str line = finding->excerpt;
    if (finding->at.line == 1 && finding->excerpt_column == 1 && str_starts(line, STR("\xEF\xBB\xBF")))
        line = str_skip(line, 3);
    uint32_t end = finding->excerpt_column + characters(line);
    if (line.len == 0 || line.len == finding->at.len || finding->at.end_line != finding->at.line ||
        finding->at.column < finding->excerpt_column || finding->at.end_column > end)
        return;
    json_field_object(&sarif->json, "contextRegion");
    json_field_u64(&sarif->json, "startLine", finding->at.line);
    json_field_u64(&sarif->json, "startColumn", finding->excerpt_column);
    json_field_u64(&sarif->json, "endLine", finding->at.line);
    json_field_u64(&sarif->json, "endColumn", end);
    write_snippet(sarif, line);
    json_end(&sarif->json);
}

static void begin_physical_location(struct sarif *sarif, const struct report_place *at)
{
    json_field_object(&sarif->json, "physicalLocation");
    write_artifact_location(sarif, "artifactLocation", at->file);
    if (at->line > 0)
        write_region(sarif, at);
}

/* --- results ---------------------------------------------------------------------------------------------------- */

static void write_locations(struct sarif *sarif, const struct report_finding *finding)
{
    struct json_writer *json = &sarif->json;
    json_field_array(json, "locations");
    json_object(json);
    begin_physical_location(sarif, &finding->at);
    write_context(sarif, finding);
    json_end(json);
    if (finding->subject.len > 0) {
        json_field_array(json, "logicalLocations");
        json_object(json);
        json_field_str(json, "fullyQualifiedName", finding->subject);
        json_end(json);
        json_end(json);
    }
    json_end(json);
    json_end(json);
    if (finding->related_count == 0)
        return;
    json_field_array(json, "relatedLocations");
    for (size_t i = 0; i < finding->related_count; i++) {
        json_object(json);
        json_field_u64(json, "id", i + 1);
        begin_physical_location(sarif, &finding->related[i].at);
        json_end(json);
        write_message(sarif, finding->related[i].message);
        json_end(json);
    }
    json_end(json);
}

/* FNV-1a over the parts, each ended by a NUL: the same on every machine and in every run. */
static uint64_t hash_part(uint64_t hash, struct str part)
{
    for (size_t i = 0; i <= part.len; i++)
        hash = (hash ^ (i < part.len ? (unsigned char)part.ptr[i] : 0)) * 0x100000001b3U;
    return hash;
}

/* Length of a fingerprint's hash in hexadecimal digits. */
enum { HASH_DIGITS = 16 };

/* SEEN counts hashes within one file; its keys are in KEY, HASH_DIGITS bytes that live as long. */
static void write_fingerprint(struct sarif *sarif, const struct report_finding *finding, struct map *seen, char *key)
{
    uint64_t hash = hash_part(0xcbf29ce484222325U, str_z(finding->rule->id));
    hash = hash_part(hash, finding->at.text);
    hash = hash_part(hash, finding->subject);
    for (size_t i = 0; i < HASH_DIGITS; i++)
        key[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    void **slot = map_slot(seen, str_of(key, HASH_DIGITS));
    if (!slot) {
        sarif->json.out->failed = true;
        return;
    }
    uintptr_t times = (uintptr_t)*slot + 1;
    *slot = (void *)times;
    buf_truncate(&sarif->scratch, 0);
    buf_add(&sarif->scratch, key, HASH_DIGITS);
    buf_addf(&sarif->scratch, ":%zu", (size_t)times);
    json_field_object(&sarif->json, "partialFingerprints");
    json_field_str(&sarif->json, "barehullFinding/v1", buf_str(&sarif->scratch));
    json_end(&sarif->json);
}

static void write_suppression(struct sarif *sarif, const struct report_finding *finding)
{
    struct json_writer *json = &sarif->json;
    json_field_array(json, "suppressions");
    json_object(json);
    json_field_z(json, "kind", finding->waiver_in_policy ? "external" : "inSource");
    json_field_z(json, "status", "accepted");
    json_field_str(json, "justification", finding->waiver_reason);
    json_end(json);
    json_end(json);
}

static void write_result(struct sarif *sarif, const struct report_finding *finding, struct map *seen, char *key)
{
    struct json_writer *json = &sarif->json;
    size_t index = sarif_rule_index(finding->rule);
    bool unknown = finding->verdict == REPORT_UNKNOWN;
    json_object(json);
    json_field_z(json, "ruleId", finding->rule->id);
    if (index != SIZE_MAX)
        json_field_u64(json, "ruleIndex", index);
    json_field_z(json, "kind", unknown ? "open" : "fail");
    json_field_z(json, "level", unknown ? "none" : sarif_level(finding->severity));
    write_finding_message(sarif, finding);
    write_locations(sarif, finding);
    write_fingerprint(sarif, finding, seen, key);
    if (finding->verdict == REPORT_WAIVED)
        write_suppression(sarif, finding);
    json_end(json);
}

static int write_results(struct sarif *sarif, struct err *err)
{
    char *keys = mem_calloc(sarif->report->finding_count + 1, HASH_DIGITS);
    if (!keys)
        return err_nomem(err);
    json_field_array(&sarif->json, "results");
    for (size_t i = 0; i < sarif->groups.count; i++) {
        const struct report_group *group = &sarif->groups.items[i];
        struct map seen = MAP_INIT;
        for (size_t k = group->first; k < group->first + group->count; k++)
            write_result(sarif, sarif->groups.findings[k], &seen, keys + k * HASH_DIGITS);
        map_done(&seen);
    }
    json_end(&sarif->json);
    mem_free(keys);
    return 0;
}

/* --- the run ---------------------------------------------------------------------------------------------------- */

static void write_notification(struct sarif *sarif, const struct report_file *file)
{
    struct json_writer *json = &sarif->json;
    json_object(json);
    json_field_object(json, "descriptor");
    json_field_z(json, "id", "not-judged");
    json_field_u64(json, "index", 0);
    json_end(json);
    json_field_z(json, "level", "warning");
    write_message(sarif, file->reason);
    json_field_array(json, "locations");
    json_object(json);
    json_field_object(json, "physicalLocation");
    write_artifact_location(sarif, "artifactLocation", file->name);
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

static void write_invocation(struct sarif *sarif)
{
    struct json_writer *json = &sarif->json;
    json_field_array(json, "invocations");
    json_object(json);
    json_field_bool(json, "executionSuccessful", sarif->report->not_judged == 0 && sarif->report->judged > 0);
    json_field_i64(json, "exitCode", check_status(sarif->report));
    json_field_array(json, "toolExecutionNotifications");
    for (size_t i = 0; i < sarif->report->file_count; i++)
        if (sarif->report->files[i].state == REPORT_NOT_JUDGED)
            write_notification(sarif, &sarif->report->files[i]);
    json_end(json);
    json_end(json);
    json_end(json);
}

static void write_artifact(struct sarif *sarif, const struct report_group *group)
{
    struct json_writer *json = &sarif->json;
    bool known = group->file && group->file->state == REPORT_JUDGED;
    json_object(json);
    write_artifact_location(sarif, "location", group->name);
    if (known) {
        json_field_array(json, "roles");
        json_z(json, "analysisTarget");
        json_end(json);
        json_field_z(json, "sourceLanguage", group->file->surface == SURFACE_DOCKERFILE ? "dockerfile" : "yaml");
    }
    json_end(json);
}

static void write_run(struct sarif *sarif, struct str version)
{
    struct json_writer *json = &sarif->json;
    const struct standard *standard = &sarif->report->policy->standard;
    json_field_object(json, "tool");
    sarif_driver_write(json, version, &sarif->scratch);
    json_end(json);
    write_invocation(sarif);
    json_field_object(json, "originalUriBaseIds");
    json_field_object(json, "SRCROOT");
    sarif_text(json, "description", "the directory that barehull ran in");
    json_end(json);
    json_end(json);
    json_field_array(json, "artifacts");
    for (size_t i = 0; i < sarif->groups.count; i++)
        write_artifact(sarif, &sarif->groups.items[i]);
    json_end(json);
    json_field_z(json, "columnKind", "unicodeCodePoints");
    json_field_object(json, "properties");
    json_field_z(json, "profile", profile_name(standard->profile));
    buf_truncate(&sarif->scratch, 0);
    buf_addf(&sarif->scratch, "1.%u", standard->kubernetes_minor);
    json_field_str(json, "kubernetes", buf_str(&sarif->scratch));
    json_end(json);
}

int report_sarif_write(const struct report *report, struct str version, struct buf *out, struct err *err)
{
    struct sarif sarif = {.report = report, .scratch = BUF_INIT};
    int rc = report_groups_init(&sarif.groups, report, err);
    if (rc)
        return rc;
    struct json_writer *json = &sarif.json;
    json_writer_init(json, out, JSON_INDENTED);
    json_object(json);
    json_field_z(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_field_z(json, "version", "2.1.0");
    json_field_array(json, "runs");
    json_object(json);
    write_run(&sarif, version);
    rc = write_results(&sarif, err);
    json_end(json);
    json_end(json);
    json_end(json);
    buf_add_char(out, '\n');
    report_groups_done(&sarif.groups);
    bool nomem = sarif.scratch.failed;
    buf_done(&sarif.scratch);
    if (!rc && nomem)
        rc = err_nomem(err);
    return rc ? rc : json_writer_check(json, err);
}
