/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <stdatomic.h>

static atomic_bool armed;
static _Atomic uint64_t passed[FAULT_KINDS];
static _Atomic uint64_t fail_at[FAULT_KINDS];

void fault_arm(enum fault_kind kind, uint64_t n)
{
    atomic_store(&passed[kind], 0);
    atomic_store(&fail_at[kind], n);
    atomic_store(&armed, true);
}

void fault_disarm(void)
{
    atomic_store(&armed, false);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        atomic_store(&fail_at[i], 0);
}

uint64_t fault_count(enum fault_kind kind)
{
    return atomic_load(&passed[kind]);
}

bool fault_point(enum fault_kind kind)
{
    if (!atomic_load_explicit(&armed, memory_order_relaxed))
        return false;
    return atomic_fetch_add(&passed[kind], 1) + 1 == atomic_load(&fail_at[kind]);
}
