/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * yaml_fixture.h - what the tests of the YAML reader share.
 */
#include "data/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The one document of SOURCE; the test fails when there is none. */
static inline const struct data_node *parse(struct str source, const struct yaml_options *options, struct arena *arena)
{
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    if (yaml_parse(source, options, arena, &root, &err) != 0)
        fail_msg("%s", err.message);
    return root;
}
