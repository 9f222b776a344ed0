/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/families.h - the rules by family: one file each, in the order of the table (rules/table.c).
 */
#include "rules/rule.h"
