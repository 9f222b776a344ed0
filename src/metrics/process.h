/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * metrics/process.h - process_* as Prometheus' own client libraries name them: processor seconds, resident and virtual
 * memory, open and possible descriptors, start time, threads. Read from /proc when asked; what can't be read is left
 * out.
 */
#include "base/buf.h"

/* Appends their families. Memory: buf_check. */
void metrics_write_process(struct buf *out);
