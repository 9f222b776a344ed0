/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

void cli_streams_init(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
            continue;
        /* The lowest free descriptor is FD. Reading ends at once; writing to a descriptor for reading fails. */
        if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
            return;
    }
}

static int write_some(int fd, struct str *text)
{
    ssize_t written = write(fd, text->ptr, text->len);
    if (written >= 0) {
        *text = str_skip(*text, (size_t)written);
        return 0;
    }
    if (errno == EINTR)
        return 0;
    if (errno == EAGAIN) { /* somebody else made our terminal or pipe non-blocking */
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        (void)poll(&wait, 1, -1);
        return 0;
    }
    return errno;
}

int cli_write(int fd, const char *name, struct str text, bool *ret_reader_left, struct err *err)
{
    while (text.len > 0) {
        int errnum = write_some(fd, &text);
        if (errnum == 0)
            continue;
        *ret_reader_left = errnum == EPIPE;
        return err_errno(err, errnum, "can't write to %s", name);
    }
    return 0;
}
