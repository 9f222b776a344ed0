/* SPDX-License-Identifier: Apache-2.0 */
#include "greet.h"

const char *greeting(void)
{
    return "greetings from a private library";
}
