/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inside - says what a process finds in its container, one "name: value" a line. Static, and brought in from outside
 * by the tests, because the images have no shell that could ask.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The error's name, "ok" when there was none. */
static const char *outcome(int failed)
{
    if (!failed)
        return "ok";
    switch (errno) {
    case ENOENT:
        return "ENOENT";
    case EROFS:
        return "EROFS";
    case EACCES:
        return "EACCES";
    case EPERM:
        return "EPERM";
    default:
        return strerror(errno);
    }
}

static void print_status(const char *field)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':')
            printf("%s: %s", field, line + strlen(field) + 2);
    if (file != NULL)
        fclose(file);
}

static void print_write(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    printf("write %s: %s\n", path, outcome(fd < 0));
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
}

static void print_exists(const char *path)
{
    struct stat st;

    printf("%s: %s\n", path, outcome(stat(path, &st)));
}

int main(void)
{
    struct stat st;

    printf("uid: %u\ngid: %u\n", getuid(), getgid());
    print_status("CapEff");
    print_status("CapBnd");
    print_status("NoNewPrivs");
    print_status("Seccomp");
    print_write("/inside");
    print_write("/etc/inside");
    print_write("/usr/lib/inside");
    print_write("/tmp/written");
    printf("mode /tmp: %o\n", stat("/tmp", &st) ? 0u : (unsigned)(st.st_mode & 07777));
    print_exists("/etc/ssl/certs/ca-certificates.crt");
    print_exists("/usr/share/zoneinfo/Europe/Berlin");
    print_exists("/etc/passwd");
    print_exists("/etc/shadow");
    print_exists("/bin/sh");
    print_exists("/usr/bin/dpkg");
    return 0;
}
