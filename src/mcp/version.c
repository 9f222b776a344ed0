/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/internal.h"

static const struct str texts[MCP_VERSIONS] = {
    [MCP_VERSION_NONE] = STR_INIT(""),         [MCP_2024_11_05] = STR_INIT("2024-11-05"),
    [MCP_2025_03_26] = STR_INIT("2025-03-26"), [MCP_2025_06_18] = STR_INIT("2025-06-18"),
    [MCP_2025_11_25] = STR_INIT("2025-11-25"), [MCP_2026_07_28] = STR_INIT("2026-07-28"),
};

struct str mcp_version_text(enum mcp_version version)
{
    return texts[version < MCP_VERSIONS ? version : MCP_VERSION_NONE];
}

enum mcp_version mcp_version_of(struct str text)
{
    for (enum mcp_version version = MCP_VERSIONS - 1; version > MCP_VERSION_NONE; version--)
        if (str_eq(text, texts[version]))
            return version;
    return MCP_VERSION_NONE;
}

enum mcp_form mcp_form_of(enum mcp_version version)
{
    switch (version) {
    case MCP_2024_11_05:
        return MCP_FORM_2024_11_05;
    case MCP_2025_03_26:
        return MCP_FORM_2025_03_26;
    case MCP_2025_06_18:
    case MCP_2025_11_25:
    case MCP_VERSION_NONE:
    case MCP_VERSIONS:
        return MCP_FORM_2025_06_18;
    case MCP_2026_07_28:
        break;
    }
    return MCP_FORM_2026_07_28;
}

void mcp_versions_write(struct json_writer *json)
{
    json_array(json);
    for (enum mcp_version version = MCP_VERSIONS - 1; version > MCP_VERSION_NONE; version--)
        json_str(json, texts[version]);
    json_end(json);
}
