/* SPDX-License-Identifier: Apache-2.0 */
#include "fixtures.h"

#include <time.h>

static int simple_text(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    json_field_array(result, "content");
    fixture_text(result, STR("This is a simple text response for testing."));
    json_end(result);
    return 0;
}

static int image_content(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    json_field_array(result, "content");
    fixture_data(result, "image", FIXTURE_PNG, "image/png");
    json_end(result);
    return 0;
}

static int audio_content(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    json_field_array(result, "content");
    fixture_data(result, "audio", FIXTURE_WAV, "audio/wav");
    json_end(result);
    return 0;
}

static int embedded_resource(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    json_field_array(result, "content");
    fixture_resource(result, STR("test://embedded-resource"), "text/plain",
                     STR("This is an embedded resource content."));
    json_end(result);
    return 0;
}

static int multiple_content_types(const struct mcp_call *call UNUSED, struct json_writer *result,
                                  struct err *err UNUSED)
{
    json_field_array(result, "content");
    fixture_text(result, STR("Multiple content types test:"));
    fixture_data(result, "image", FIXTURE_PNG, "image/png");
    fixture_resource(result, STR("test://mixed-content-resource"), "application/json",
                     STR("{\"test\":\"data\",\"value\":123}"));
    json_end(result);
    return 0;
}

/* Waits in short steps, so that a call that was called off ends at once. */
static int wait_ms(const struct mcp_call *call, uint64_t ms, struct err *err)
{
    static const struct timespec step = {.tv_nsec = 5000000};
    for (uint64_t waited = 0; waited < ms; waited += 5) {
        int rc = op_check(call->op, err);
        if (rc)
            return rc;
        (void)nanosleep(&step, NULL);
    }
    return op_check(call->op, err);
}

static int tool_with_progress(const struct mcp_call *call, struct json_writer *result, struct err *err)
{
    for (uint64_t done = 0; done <= 100; done += 50) {
        int rc = done > 0 ? wait_ms(call, 50, err) : 0;
        if (rc)
            return rc;
        op_progress_items(call->op, STR("working"), STR(""), done, 100);
    }
    json_field_array(result, "content");
    fixture_text(result, STR("The tool with progress is done."));
    json_end(result);
    return 0;
}

static int error_handling(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    json_field_bool(result, "isError", true);
    json_field_array(result, "content");
    fixture_text(result, STR("This tool intentionally returns an error for testing"));
    json_end(result);
    return 0;
}

static int fails(const struct mcp_call *call UNUSED, struct json_writer *result UNUSED, struct err *err)
{
    return err_set(err, ERR_INVALID, "this tool fails");
}

/* Waits for "ms" milliseconds: for tests of cancellation and deadlines. */
static int waits(const struct mcp_call *call, struct json_writer *result, struct err *err)
{
    uint64_t ms = 0;
    int rc = data_u64(data_get(call->arguments, "ms"), &ms, err);
    rc = rc ? rc : wait_ms(call, ms, err);
    if (rc)
        return rc;
    json_field_array(result, "content");
    fixture_text(result, STR("waited"));
    json_end(result);
    return 0;
}

#define NOTHING "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"

static const char schema_2020_12[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"$defs\":{\"address\":{"
    "\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{\"street\":{\"type\":\"string\"},\"city\":{"
    "\"type\":"
    "\"string\"}}}},\"properties\":{\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"
    "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},\"phone\":{\"type\":\"string\"},\"email\":{"
    "\"type\":\"string\"}},\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],\"if\":{"
    "\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},\"then\":{\"required\":"
    "["
    "\"phone\"]},\"else\":{\"required\":[\"email\"]},\"additionalProperties\":false}";

const struct mcp_tool fixture_tools[] = {
    {
        .name = "test_simple_text",
        .description = "returns simple text",
        .input_schema = NOTHING,
        .quick = true,
        .call = simple_text,
    },
    {
        .name = "test_image_content",
        .description = "returns an image",
        .input_schema = NOTHING,
        .quick = true,
        .call = image_content,
    },
    {
        .name = "test_audio_content",
        .description = "returns audio",
        .input_schema = NOTHING,
        .quick = true,
        .call = audio_content,
    },
    {
        .name = "test_embedded_resource",
        .description = "returns an embedded resource",
        .input_schema = NOTHING,
        .quick = true,
        .call = embedded_resource,
    },
    {
        .name = "test_multiple_content_types",
        .description = "returns text, an image and a resource",
        .input_schema = NOTHING,
        .quick = true,
        .call = multiple_content_types,
    },
    {
        .name = "test_tool_with_progress",
        .description = "tells of its progress three times",
        .input_schema = NOTHING,
        .call = tool_with_progress,
    },
    {
        .name = "test_error_handling",
        .description = "answers with an error",
        .input_schema = NOTHING,
        .quick = true,
        .call = error_handling,
    },
    {
        .name = "test_missing_capability",
        .description = "needs a client that samples",
        .input_schema = NOTHING,
        .quick = true,
        .needs = "sampling",
        .call = simple_text,
    },
    {
        /* Asks for nothing, so that nothing but its own answer may be on the stream. */
        .name = "test_streaming_elicitation",
        .description = "tells of its progress, and asks the client for nothing",
        .input_schema = NOTHING,
        .needs = "elicitation",
        .call = tool_with_progress,
    },
    {
        .name = "test_logging_tool",
        .description = "logs nothing",
        .input_schema = NOTHING,
        .call = simple_text,
    },
    {
        .name = "json_schema_2020_12_tool",
        .description = "Tool with JSON Schema 2020-12 features",
        .input_schema = schema_2020_12,
        .quick = true,
        .call = simple_text,
    },
    {
        .name = "test_header_parameter",
        .description = "has a parameter that stands in a header of HTTP too",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":"
                        "\"Region\"},\"count\":{\"type\":\"integer\"}},\"required\":[\"region\"]}",
        .quick = true,
        .call = simple_text,
    },
    {
        .name = "test_fails",
        .description = "fails without an answer of its own",
        .input_schema = NOTHING,
        .call = fails,
    },
    {
        .name = "test_wait",
        .description = "waits for some milliseconds, or until it is called off",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"ms\":{\"type\":\"integer\",\"minimum\":0}}}",
        .call = waits,
    },
    {.name = NULL},
};
