/* SPDX-License-Identifier: Apache-2.0 */
#include "http/fault.h"

static const struct {
    unsigned status;
    struct str name, reason;
} faults[] = {{0, STR_INIT("none"), STR_INIT("nothing is wrong")},
#define X(fault, status, name, reason) {status, STR_INIT(name), STR_INIT(reason)},
              HTTP_FAULT_TABLE(X)
#undef X
};

unsigned http_fault_status(enum http_fault fault)
{
    return faults[fault].status;
}

struct str http_fault_name(enum http_fault fault)
{
    return faults[fault].name;
}

struct str http_fault_reason(enum http_fault fault)
{
    return faults[fault].reason;
}
