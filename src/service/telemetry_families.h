/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/telemetry_families.h - the places of the families in the tables of service/telemetry.h. Their names follow
 * the semantic conventions of OpenTelemetry for HTTP and MCP where those have one.
 */
#include "service/telemetry.h"

enum { TELEMETRY_HTTP, TELEMETRY_MCP, TELEMETRY_FINDINGS, TELEMETRY_IN_FLIGHT, TELEMETRY_BUILD };

enum {
    TELEMETRY_CONNECTIONS,
    TELEMETRY_IDLE,
    TELEMETRY_ACCEPTED,
    TELEMETRY_REFUSED,
    TELEMETRY_STREAMS,
    TELEMETRY_QUEUED,
    TELEMETRY_WORKING,
    TELEMETRY_MEMORY,
};
