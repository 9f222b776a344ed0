/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One text against variables whose values are parts of the text itself, as a value and as a `.env` file: a known result
 * is bounded, an unknown one is the text; faults and origins lie in the text; twice gives the same.
 */
#include "compose/dotenv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct variables {
    struct compose_variable known, empty, unknown;
};

/* By the name's first letter. */
static const struct compose_variable *look_up(const void *self, struct str name)
{
    const struct variables *variables = self;
    require(name.len > 0);
    switch (name.ptr[0]) {
    case 'U':
        return &variables->unknown;
    case 'N':
        return NULL;
    case 'E':
        return &variables->empty;
    default:
        return &variables->known;
    }
}

static void check_fault(const struct compose_fault *fault, struct str text)
{
    require(fault->message[0] != '\0');
    require(fault->offset <= text.len && fault->len <= text.len - fault->offset);
}

static void check_value(struct str text, const struct compose_interpolation *result)
{
    require(result->text.len <= LIMIT_COMPOSE_VALUE_BYTES || !result->changed);
    require(!result->unknown || str_eq(result->text, text));
    require(!result->changed || !result->unknown);
    require(result->changed || str_eq(result->text, text));
    require(result->origin_count <= LIMIT_COMPOSE_ORIGINS);
    if (result->fault.message) {
        require(result->unknown);
        check_fault(&result->fault, text);
        require(text.ptr[result->fault.offset] == '$' || result->fault.len == 0 || !result->fault.required);
    }
}

static void check_dotenv(struct str text, const struct compose_dotenv *dotenv)
{
    for (size_t i = 0; i < dotenv->variable_count; i++) {
        const struct compose_variable *variable = &dotenv->variables[i];
        struct data_span span = variable->origin.span;
        require(variable->origin.source == 9 && variable->name.len > 0);
        require(span.offset <= text.len && span.len <= text.len - span.offset);
    }
    for (size_t i = 0; i < dotenv->fault_count; i++)
        check_fault(&dotenv->faults[i], text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str text = arena_str(&arena, str_of((const char *)data, size));
    struct variables variables = {.known.value = str_head(text, 200), .empty.value = STR(""), .unknown.unknown = true};
    struct compose_interpolation results[2];
    struct compose_dotenv dotenvs[2];
    for (unsigned i = 0; i < 2; i++) {
        uint64_t budget = 1 << 20;
        struct compose_lookup lookup = {look_up, &variables, &budget};
        require(compose_interpolate(text, &lookup, &arena, &results[i], NULL) == 0);
        check_value(text, &results[i]);
        require(compose_dotenv_parse(text, 9, &lookup, &arena, &dotenvs[i], NULL) == 0);
        check_dotenv(text, &dotenvs[i]);
    }
    require(results[0].unknown == results[1].unknown && str_eq(results[0].text, results[1].text));
    require(dotenvs[0].variable_count == dotenvs[1].variable_count);
    require(dotenvs[0].fault_count == dotenvs[1].fault_count);
    return 0;
}
