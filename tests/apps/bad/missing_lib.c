/* SPDX-License-Identifier: Apache-2.0 */
int nothere(void);

int nothere(void)
{
    return 42;
}
