/* SPDX-License-Identifier: Apache-2.0 */
#include "fixtures.h"

void fixture_text(struct json_writer *json, struct str text)
{
    json_object(json);
    json_field_z(json, "type", "text");
    json_field_str(json, "text", text);
    json_end(json);
}

void fixture_data(struct json_writer *json, const char *type, struct str base64, const char *mime_type)
{
    json_object(json);
    json_field_z(json, "type", type);
    json_field_str(json, "data", base64);
    json_field_z(json, "mimeType", mime_type);
    json_end(json);
}

void fixture_resource(struct json_writer *json, struct str uri, const char *mime_type, struct str text)
{
    json_object(json);
    json_field_z(json, "type", "resource");
    json_field_object(json, "resource");
    json_field_str(json, "uri", uri);
    json_field_z(json, "mimeType", mime_type);
    json_field_str(json, "text", text);
    json_end(json);
    json_end(json);
}
