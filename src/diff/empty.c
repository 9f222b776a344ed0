/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing yet. */
typedef int diff_empty;
