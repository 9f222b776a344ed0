/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/color.h"

#include <sys/ioctl.h>
#include <unistd.h>

bool cli_use_color(enum cli_color choice, const struct config_env *env, int fd)
{
    if (choice != CLI_COLOR_AUTO)
        return choice == CLI_COLOR_ALWAYS;
    if (env->no_color)
        return false;
    return env->force_color || (isatty(fd) && !env->dumb_terminal);
}

unsigned cli_terminal_width(const struct config_env *env, int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return env->columns ? env->columns : 80;
}
