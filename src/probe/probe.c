/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/probe.h"

#include "probe/sys.h"
#include "probe/verdict.h"

#ifndef BAREHULL_VERSION
#define BAREHULL_VERSION "unknown"
#endif

static const char help[] = "Usage: healthcheck [live|ready|startup] [URL|/PATH] [OPTIONS]\n"
                           "\n"
                           "Asks a server over HTTP/1.1 whether it is healthy: any 2xx status. With no URL,\n"
                           "the one at HOST and PORT (127.0.0.1, 8080): /livez, or /readyz for the others.\n"
                           "\n"
                           "  URL                   http://ADDRESS[:PORT][/PATH], unix:/SOCKET[:/PATH]\n"
                           "  --timeout T           for all it does: seconds, or 800ms (default: 2)\n"
                           "  --detailed-exit-code  3 not ready, 4 refused, 5 timed out; else 1 for these\n"
                           "  --help, --version\n"
                           "\n"
                           "Exit status: 0 healthy, 1 not. See docs/healthcheck.md.\n";

/* One write, so that lines of several probes do not mix. Nobody may be there to read it: the status still counts. */
static void tell(int fd, struct text text, uint64_t deadline_ns)
{
    if (ask_wait(fd, POLLOUT, deadline_ns))
        sys_write(fd, text.at, text.len);
}

int probe_run(char *const *argv, char *const *envp)
{
    uint64_t start_ns = sys_now_ns();
    struct settings settings;
    struct answer answer;
    struct line line;
    line.len = 0;
    line.cut = false;
    sys_block_sigpipe();
    settings_read(argv, envp, &settings);
    uint64_t deadline_ns = start_ns + settings.timeout_ms * 1000000;
    enum verdict verdict = VERDICT_HEALTHY;
    if (settings.action == SETTINGS_HELP) {
        tell(1, TEXT(help), deadline_ns);
        return 0;
    }
    if (settings.action == SETTINGS_VERSION) {
        tell(1, TEXT("healthcheck (barehull) " BAREHULL_VERSION "\n"), deadline_ns);
        return 0;
    }
    if (settings.action == SETTINGS_WRONG) {
        verdict_of_mistake(&settings, &line);
        verdict = VERDICT_BROKEN;
    } else {
        ask(&settings.target, deadline_ns, &answer);
        verdict = verdict_of_answer(&settings, &answer, &line);
    }
    if (line.len == sizeof line.bytes)
        line.len--;
    line_add(&line, TEXT("\n"));
    tell(verdict == VERDICT_HEALTHY ? 1 : 2, line_text(&line), deadline_ns);
    return settings.detailed || verdict == VERDICT_HEALTHY ? (int)verdict : VERDICT_BROKEN;
}
