/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project_fixture.h - a Python application as it would have been read, from a text that draws it.
 *
 *     "== app.py\n"
 *     "from flask import Flask\n"
 *     "== env:lib/python3.11/site-packages/flask/__init__.py\n"
 *
 * Files of the environment have "env:" before their path; one with "!" behind its path is dropped.
 */
#include "project/python_internal.h"

struct project_fixture {
    struct arena arena;
    struct op_ctx ctx;
    struct op_sink sink;
    struct buf warnings;
    struct python_app app;
    struct python_request request;
};

/* The text outlives the fixture. DISTRIBUTIONS has normalized names with spaces between. */
void project_fixture_init(struct project_fixture *fixture, struct str text, const char *distributions);
void project_fixture_done(struct project_fixture *fixture);
