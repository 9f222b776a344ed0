/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for that C library, for the link editor only: nothing here ever runs. */
#define STUB(name) void name(void)

STUB(__isoc23_strtol);
STUB(__libc_start_main);
STUB(__cxa_finalize);
STUB(printf);

STUB(__isoc23_strtol)
{
}
STUB(__libc_start_main)
{
}
STUB(__cxa_finalize)
{
}
STUB(printf)
{
}
