/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/fault.h - makes the n-th allocation or system call fail, so that tests can try every failure.
 *
 * mem_* (base/alloc.h) pass FAULT_ALLOC, the I/O wrappers (io/sys.h) pass FAULT_IO. Disarmed, a point costs one
 * relaxed atomic load. Process-wide; arm it from one thread while no other is at work.
 */
#include "base/forward.h"

enum fault_kind { FAULT_ALLOC, FAULT_IO, FAULT_KINDS };

/* Lets the N-th point of KIND from now fail (1 = the next one), once; 0 only counts. */
void fault_arm(enum fault_kind kind, uint64_t n);

/* Stops failing and counting for all kinds. */
void fault_disarm(void);

/* Points of KIND passed since fault_arm. */
uint64_t fault_count(enum fault_kind kind);

/* True when this point has to fail. */
bool fault_point(enum fault_kind kind);
