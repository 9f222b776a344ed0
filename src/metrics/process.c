/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/process.h"

#include "base/num.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* proc(5): what stands behind the name in /proc/self/stat, counted from there. */
enum { STAT_USER = 11, STAT_SYSTEM = 12, STAT_THREADS = 17, STAT_START = 19, STAT_VIRTUAL = 20, STAT_RESIDENT = 21 };

static void add_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
}

static void add_number(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    add_head(out, name, type, help);
    buf_add_u64(out, value);
    buf_add_char(out, '\n');
}

/* TICKS of the clock that /proc counts in, which is a hundredth of a second on every machine Linux runs on. */
static void add_ticks(struct buf *out, const char *name, const char *type, const char *help, uint64_t ticks)
{
    uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);
    if (hertz == 0 || hertz > 1000000)
        return;
    add_head(out, name, type, help);
    buf_addf(out, "%llu.%02llu\n", (unsigned long long)(ticks / hertz),
             (unsigned long long)(ticks % hertz * 100 / hertz));
}

static struct str read_stat(char *room, size_t size)
{
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return STR_NONE;
    ssize_t len = read(fd, room, size);
    close(fd);
    struct str text = str_of(room, len > 0 ? (size_t)len : 0);
    size_t name_end = str_rfind_char(text, ')'); /* the name may hold anything, that too */
    return name_end < text.len ? str_skip(text, name_end + 1) : STR_NONE;
}

/* When the machine started, in Unix seconds; it stands behind a line that may be long. 0: not known. */
static uint64_t boot_seconds(void)
{
    int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    static const struct str key = STR_INIT("\nbtime ");
    enum { KEPT = 32 }; /* of the last piece: the line may be cut in two */
    char room[4096 + KEPT];
    size_t kept = 0;
    uint64_t seconds = 0;
    for (;;) {
        ssize_t len = read(fd, room + kept, sizeof(room) - kept);
        if (len <= 0)
            break;
        struct str text = str_of(room, kept + (size_t)len);
        struct str line = str_skip(text, str_find(text, key) + key.len);
        size_t end = str_find_char(line, '\n');
        if (end < line.len && num_parse_u64(str_head(line, end), &seconds))
            break;
        kept = text.len < KEPT ? text.len : KEPT;
        memmove(room, room + text.len - kept, kept);
    }
    close(fd);
    return seconds;
}

/* Linux 6.2 and later tell it as the directory's size; before, the entries are counted. */
static bool count_descriptors(uint64_t *ret_count)
{
    struct stat stat_buf;
    if (stat("/proc/self/fd", &stat_buf) == 0 && stat_buf.st_size > 0) {
        *ret_count = (uint64_t)stat_buf.st_size;
        return true;
    }
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return false;
    uint64_t count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    *ret_count = count < 3 ? 0 : count - 3; /* ".", "..", and the directory itself */
    return true;
}

static void write_limits(struct buf *out)
{
    struct rlimit limit;
    uint64_t count;
    if (count_descriptors(&count))
        add_number(out, "process_open_fds", "gauge", "Number of open file descriptors.", count);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        add_number(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.", limit.rlim_cur);
}

void metrics_write_process(struct buf *out)
{
    char room[1024];
    struct str rest = read_stat(room, sizeof(room)), word;
    uint64_t values[STAT_RESIDENT + 1] = {0};
    unsigned count = 0;
    while (count <= STAT_RESIDENT && str_next_word(&rest, &word)) {
        uint64_t value = 0; /* the state is a letter, others are below nought: none of ours */
        (void)num_parse_u64(word, &value);
        values[count++] = value;
    }
    if (count > STAT_RESIDENT) {
        add_ticks(out, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.",
                  values[STAT_USER] + values[STAT_SYSTEM]);
        add_number(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
                   values[STAT_RESIDENT] * (uint64_t)sysconf(_SC_PAGESIZE));
        add_number(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", values[STAT_VIRTUAL]);
        add_number(out, "process_threads", "gauge", "Number of threads of the process.", values[STAT_THREADS]);
        uint64_t boot = boot_seconds();
        if (boot)
            add_ticks(out, "process_start_time_seconds", "gauge",
                      "Start time of the process since the Unix epoch in seconds.",
                      boot * (uint64_t)sysconf(_SC_CLK_TCK) + values[STAT_START]);
    }
    write_limits(out);
}
