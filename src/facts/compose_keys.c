/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_read.h"

void compose_read_keys(struct compose_reader *reader)
{
    reader->pod->key_problem_count = 0;
}
