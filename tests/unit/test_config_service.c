/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "config/service.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const *environment;

static const char *get(const char *name)
{
    size_t len = strlen(name);
    for (const char *const *item = environment; item && *item; item++) {
        if (strncmp(*item, name, len) == 0 && (*item)[len] == '=')
            return *item + len + 1;
    }
    return NULL;
}

struct loaded {
    struct arena arena;
    struct service_config config;
    struct service_problems problems;
};

static void loaded_done(struct loaded *loaded)
{
    arena_done(&loaded->arena);
}
#define CLEANUP_LOADED CLEANUP(loaded_done)

static struct loaded load(enum service_mode mode, const char *const *lines)
{
    struct loaded loaded = {.arena = ARENA_INIT};
    struct err err = ERR_INIT;
    environment = lines;
    assert_int_equal(service_config_load(mode, get, lines, &loaded.arena, &loaded.config, &loaded.problems, &err), 0);
    return loaded;
}

#define LOAD(mode, ...) load((mode), (const char *const[]){__VA_ARGS__, NULL})

/* "NAME: message" a line; warnings with "~" before it. */
static const char *told(struct loaded *loaded)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < loaded->problems.len; i++) {
        const struct service_problem *problem = &loaded->problems.ptr[i];
        buf_addf(&out, "%s%.*s: %.*s\n", problem->warning ? "~" : "", STR_ARG(problem->variable),
                 STR_ARG(problem->message));
    }
    return arena_z(&loaded->arena, buf_str(&out));
}

static const char *formatted(struct loaded *loaded, const char *name)
{
    for (const struct service_var *var = service_vars; var->name; var++) {
        if (strcmp(var->name, name) != 0)
            continue;
        CLEANUP_BUF struct buf out = BUF_INIT;
        service_config_format(&loaded->config, var, &out);
        return arena_z(&loaded->arena, buf_str(&out));
    }
    fail_msg("no variable '%s'", name);
    return NULL;
}

#define assert_effective(loaded, name, text) assert_string_equal(formatted((loaded), (name)), (text))

/* Every name and default of the table, which are the documentation; nothing is wrong with them. */
static void test_defaults(void **state)
{
    (void)state;
    CLEANUP_LOADED struct loaded least = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=none", "PORT=", "BAREHULL_MAX_BODY=");
    const struct service_config *config = &least.config;
    assert_string_equal(told(&least), "");
    for (const struct service_var *var = service_vars; var->name; var++) {
        assert_true(var->summary && var->example);
        if (var->default_text)
            assert_effective(&least, var->name, var->default_text);
        assert_int_equal(service_config_is_set(config, var), strcmp(var->name, "ALLOWED_ORIGINS") == 0);
    }
    assert_effective(&least, "HOST", "127.0.0.1");
    assert_int_equal(config->port, 8080);
    assert_int_equal(config->metrics_port, 0);
    assert_int_equal(config->log_level, 1);
    assert_int_equal(config->log_format, 0);
    assert_true(config->access_log);
    assert_int_equal(config->header_timeout_ms, 10000);
    assert_int_equal(config->body_timeout_ms, 30000);
    assert_int_equal(config->idle_timeout_ms, 75000);
    assert_int_equal(config->write_timeout_ms, 30000);
    assert_int_equal(config->request_timeout_ms, 30000);
    assert_int_equal(config->keepalive_ms, 15000);
    assert_int_equal(config->drain_delay_ms, 0);
    assert_int_equal(config->drain_timeout_ms, 20000);
    assert_int_equal(config->head_bytes, 16000);
    assert_int_equal(config->body_bytes, 10000000);
    assert_int_equal(config->memory_bytes, 256000000);
    assert_int_equal(config->connections, 10240);
    assert_int_equal(config->streams, 256);
    assert_int_equal(config->queue, 256);
    assert_int_equal(config->loops, 0);
    assert_int_equal(config->workers, 0);
    assert_int_equal(config->origins.len, 0);
    assert_false(config->any_origin || config->wildcard_dev || config->any_host);
    assert_effective(&least, "ALLOWED_ORIGINS", "none");
    assert_effective(&least, "ALLOWED_HOSTS", "");
}

static void test_values(void **state)
{
    (void)state;
    CLEANUP_LOADED struct loaded all = LOAD(
        SERVICE_HTTP, "HOST=[::1]", "PORT=0", "METRICS_PORT=9090",
        "ALLOWED_ORIGINS=https://app.example.com, http://localhost:3000,http://[::1]:8000 ,vscode-webview://id",
        "ALLOWED_HOSTS=Mcp.Example.com,barehull:8080,[::1]:80", "LOG_LEVEL=error", "LOG_FORMAT=text",
        "BAREHULL_ACCESS_LOG=0", "BAREHULL_HEADER_TIMEOUT=500ms", "BAREHULL_IDLE_TIMEOUT=2m",
        "BAREHULL_BODY_TIMEOUT=1h", "BAREHULL_DRAIN_TIMEOUT=0", "BAREHULL_WRITE_TIMEOUT=90000ms",
        "BAREHULL_MAX_BODY=1.5M", "BAREHULL_MAX_HEADER=16Ki", "BAREHULL_MAX_MEMORY=100000001", "BAREHULL_WORKERS=03");
    assert_string_equal(told(&all), "");
    assert_effective(&all, "HOST", "::1");
    assert_effective(&all, "PORT", "0");
    assert_effective(&all, "METRICS_PORT", "9090");
    assert_effective(&all, "ALLOWED_ORIGINS",
                     "https://app.example.com, http://localhost:3000, http://[::1]:8000, vscode-webview://id");
    assert_int_equal(all.config.origins.len, 4);
    assert_effective(&all, "ALLOWED_HOSTS", "mcp.example.com, barehull:8080, [::1]:80");
    assert_effective(&all, "LOG_LEVEL", "error");
    assert_effective(&all, "LOG_FORMAT", "text");
    assert_effective(&all, "BAREHULL_ACCESS_LOG", "false");
    assert_effective(&all, "BAREHULL_HEADER_TIMEOUT", "500ms");
    assert_effective(&all, "BAREHULL_IDLE_TIMEOUT", "2m");
    assert_effective(&all, "BAREHULL_BODY_TIMEOUT", "1h");
    assert_effective(&all, "BAREHULL_DRAIN_TIMEOUT", "0s");
    assert_effective(&all, "BAREHULL_WRITE_TIMEOUT", "90s");
    assert_effective(&all, "BAREHULL_MAX_BODY", "1500K");
    assert_effective(&all, "BAREHULL_MAX_HEADER", "16Ki");
    assert_effective(&all, "BAREHULL_MAX_MEMORY", "100000001");
    assert_effective(&all, "BAREHULL_WORKERS", "3");
}

struct wrong {
    const char *line, *told;
};

/* Each LINE beside settings that are fine; what is TOLD begins with its name, which is left out. */
static void assert_wrong(const struct wrong *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool origins = strncmp(cases[i].line, "ALLOWED_ORIGINS=", 16) == 0;
        CLEANUP_LOADED struct loaded one =
            LOAD(SERVICE_HTTP, cases[i].line, origins ? "LOG_LEVEL=info" : "ALLOWED_ORIGINS=none");
        size_t name = strcspn(cases[i].line, "=");
        const char *text = told(&one);
        if (one.problems.errors != 1 || strncmp(text, cases[i].line, name) != 0 || strncmp(text + name, ": ", 2) != 0 ||
            strcmp(text + name + 2, cases[i].told) != 0)
            fail_msg("%s\n  told: %s  not: %s", cases[i].line, text, cases[i].told);
    }
}

static void test_any_value(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        {"PORT= 8080", "'8080' has white space before or behind it\n"},
        {"PORT=8080\n", "'8080' has white space before or behind it\n"},
        {"PORT= ", "holds nothing but white space\n"},
        {"PORT=80\n80", "holds control characters\n"},
        {"HOST=\x1b[31m", "holds control characters\n"},
        {"HOST=a\xc2\x9b", "holds control characters\n"},
        {"HOST=\xff\xfe", "is not UTF-8 text\n"},
        {"HOST=\"127.0.0.1\"", "\"127.0.0.1\" stands in quotation marks, which nothing takes away here\n"},
        {"LOG_LEVEL='info'", "'info' stands in quotation marks, which nothing takes away here\n"},
        {"PORT=0123456789012345678901234567890123456789012345678901234567890123456789x",
         "'0123456789012345678901234567890123456789012345678901234567890123...' is not the number of a port\n"},
    };
    assert_wrong(cases, ARRAY_LEN(cases));
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        {"PORT=http", "'http' is not the number of a port\n"},
        {"PORT=65536", "'65536' is not between 0 and 65535\n"},
        {"PORT=99999999999999999999", "'99999999999999999999' is not between 0 and 65535\n"},
        {"PORT=-1", "'-1' is negative\n"},
        {"PORT=+80", "'+80' is not the number of a port\n"},
        {"PORT=8 0", "'8 0' has a blank in it\n"},
        {"PORT=80.0", "'80.0' is not the number of a port\n"},
        {"PORT=\xef\xbc\x98\xef\xbc\x90", "'\xef\xbc\x98\xef\xbc\x90' is not the number of a port\n"},
        {"PORT=tcp://10.0.0.1:80", "'tcp://10.0.0.1:80' is not the number of a port\n"},
        {"BAREHULL_MAX_CONNECTIONS=1e3", "'1e3' is not a whole number, in digits\n"},
        {"BAREHULL_MAX_CONNECTIONS=0x10", "'0x10' is not a whole number, in digits\n"},
        {"BAREHULL_MAX_CONNECTIONS=0", "'0' is not between 1 and 1000000\n"},
        {"BAREHULL_WORKERS=1025", "'1025' is not between 0 and 1024\n"},
        {"BAREHULL_IDLE_TIMEOUT=10", "'10' has no unit: ms, s, m or h\n"},
        {"BAREHULL_IDLE_TIMEOUT=10 s", "'10 s' has a blank in it\n"},
        {"BAREHULL_IDLE_TIMEOUT=-1s", "'-1s' is negative\n"},
        {"BAREHULL_IDLE_TIMEOUT=1e3s", "'1e3s' is not a duration: a whole number and ms, s, m or h\n"},
        {"BAREHULL_IDLE_TIMEOUT=1.5s", "'1.5s' is not a duration: a whole number and ms, s, m or h\n"},
        {"BAREHULL_IDLE_TIMEOUT=10S", "'10S' is not a duration: a whole number and ms, s, m or h\n"},
        {"BAREHULL_IDLE_TIMEOUT=s", "'s' is not a duration: a whole number and ms, s, m or h\n"},
        {"BAREHULL_IDLE_TIMEOUT=0", "'0' is not between 10ms and 1h\n"},
        {"BAREHULL_IDLE_TIMEOUT=0s", "'0s' is not between 10ms and 1h\n"},
        {"BAREHULL_IDLE_TIMEOUT=61m", "'61m' is not between 10ms and 1h\n"},
        {"BAREHULL_IDLE_TIMEOUT=5124095576030431h", "'5124095576030431h' is not between 10ms and 1h\n"},
        {"BAREHULL_IDLE_TIMEOUT=99999999999999999999s", "'99999999999999999999s' is not between 10ms and 1h\n"},
        {"BAREHULL_MAX_BODY=10X", "'10X' is not a size: a number and K, M or G, or Ki, Mi or Gi\n"},
        {"BAREHULL_MAX_BODY=10 M", "'10 M' has a blank in it\n"},
        {"BAREHULL_MAX_BODY=-10M", "'-10M' is negative\n"},
        {"BAREHULL_MAX_BODY=1e6", "'1e6' is not a size: a number and K, M or G, or Ki, Mi or Gi\n"},
        {"BAREHULL_MAX_BODY=1", "'1' is not between 1K and 256Mi\n"},
        {"BAREHULL_MAX_BODY=1G", "'1G' is not between 1K and 256Mi\n"},
        {"BAREHULL_MAX_BODY=99999999999999999999", "'99999999999999999999' is not between 1K and 256Mi\n"},
        {"BAREHULL_MAX_HEADER=33K", "'33K' is not between 4K and 32Ki\n"},
        {"BAREHULL_ACCESS_LOG=yes", "'yes' is neither true nor false\n"},
        {"BAREHULL_ACCESS_LOG=True", "'True' is neither true nor false\n"},
        {"LOG_LEVEL=INFO", "'INFO' is none of debug, info, warning, error, off (did you mean 'info'?)\n"},
        {"LOG_LEVEL=warn", "'warn' is none of debug, info, warning, error, off (did you mean 'warning'?)\n"},
        {"LOG_FORMAT=xml", "'xml' is none of json, text\n"},
    };
    assert_wrong(cases, ARRAY_LEN(cases));
}

#define LONG_PATH                                                                                                      \
    "/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/12345678"

static void test_hosts(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        {"HOST=example.com",
         "'example.com' is neither an IP address, 'localhost' nor 'unix:/path' (names are not looked up)\n"},
        {"HOST=*", "'*' is neither an IP address, 'localhost' nor 'unix:/path' (names are not looked up)\n"},
        {"HOST=127.1", "'127.1' is neither an IP address, 'localhost' nor 'unix:/path' (names are not looked up)\n"},
        {"HOST=[127.0.0.1]",
         "'[127.0.0.1]' is neither an IP address, 'localhost' nor 'unix:/path' (names are not looked up)\n"},
        {"HOST=127.0.0.1:80", "'127.0.0.1:80' holds a port: that is for PORT\n"},
        {"HOST=[::1]:80", "'[::1]:80' holds a port: that is for PORT\n"},
        {"HOST=localhost:80", "'localhost:80' holds a port: that is for PORT\n"},
        {"HOST=http://127.0.0.1", "'http://127.0.0.1' is a URL: an address is asked for\n"},
        {"HOST=unix:", "'unix:' has no absolute path\n"},
        {"HOST=unix:run/x", "'unix:run/x' has no absolute path\n"},
        {"HOST=unix:" LONG_PATH, "'unix:/0123456789012345678901234567890123456789012345678901234567...' has a path of "
                                 "110 bytes; a socket's has at most 107\n"},
    };
    assert_wrong(cases, ARRAY_LEN(cases));
    static const char *const fine[] = {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost", "unix:/run/x", "unix:@x"};
    for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
        char line[64] = "HOST=";
        CLEANUP_LOADED struct loaded one = LOAD(SERVICE_HTTP, strcat(line, fine[i]), "ALLOWED_ORIGINS=none");
        assert_string_equal(told(&one), "");
        assert_effective(&one, "HOST", fine[i]);
    }
}

static void test_loopback(void **state)
{
    (void)state;
    static const char *const yes[] = {"127.0.0.1",        "127.8.9.1", "::1",    "0:0::1",
                                      "::ffff:127.0.0.1", "localhost", "unix:/x"};
    static const char *const no[] = {"0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "128.0.0.1", ""};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(service_host_is_loopback(str_z(yes[i])));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(service_host_is_loopback(str_z(no[i])));
}

static void test_origins(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        {"ALLOWED_ORIGINS=", "is not set: name the web pages that may call this service, or say 'none'\n"},
        {"ALLOWED_ORIGINS=example.com", "'example.com' has no scheme, as in 'https://app.example.com'\n"},
        {"ALLOWED_ORIGINS=null", "'null' is what every sandboxed page sends: it can't be let in by that\n"},
        {"ALLOWED_ORIGINS=https://a/",
         "'https://a/' has something behind host and port: an origin ends there, without a '/'\n"},
        {"ALLOWED_ORIGINS=https://a/path",
         "'https://a/path' has something behind host and port: an origin ends there, without a '/'\n"},
        {"ALLOWED_ORIGINS=https://a?b",
         "'https://a?b' has something behind host and port: an origin ends there, without a '/'\n"},
        {"ALLOWED_ORIGINS=https://me:pw@a", "'https://me:pw@a' holds a user, which no origin has\n"},
        {"ALLOWED_ORIGINS=https://App.example", "'https://App.example' has upper case: browsers send origins in lower "
                                                "case\n"},
        {"ALLOWED_ORIGINS=https://b\xc3\xbc.de",
         "'https://b\xc3\xbc.de' is not ASCII: browsers send such names as 'xn--...'\n"},
        {"ALLOWED_ORIGINS=https://*.example.com",
         "'https://*.example.com' has a wildcard: origins are named one by one\n"},
        {"ALLOWED_ORIGINS=https://a:443",
         "'https://a:443' names the port that https has anyway: browsers leave it out\n"},
        {"ALLOWED_ORIGINS=http://a:80", "'http://a:80' names the port that http has anyway: browsers leave it out\n"},
        {"ALLOWED_ORIGINS=https://a:0", "'https://a:0' has a port that is not between 1 and 65535\n"},
        {"ALLOWED_ORIGINS=https://a:", "'https://a:' has a port that is not between 1 and 65535\n"},
        {"ALLOWED_ORIGINS=https://a:70000", "'https://a:70000' has a port that is not between 1 and 65535\n"},
        {"ALLOWED_ORIGINS=https://", "'https://' has no host\n"},
        {"ALLOWED_ORIGINS=file://", "'file://' has no host\n"},
        {"ALLOWED_ORIGINS=://a", "'://a' has no well-formed scheme\n"},
        {"ALLOWED_ORIGINS=1http://a", "'1http://a' has no well-formed scheme\n"},
        {"ALLOWED_ORIGINS=https://a..b", "'https://a..b' has no well-formed host\n"},
        {"ALLOWED_ORIGINS=https://a b", "'https://a b' has no well-formed host\n"},
        {"ALLOWED_ORIGINS=https://[::1", "'https://[::1' has no well-formed host\n"},
        {"ALLOWED_ORIGINS=https://[::0001]", "'https://[::0001]' is not as browsers write it: https://[::1]\n"},
        {"ALLOWED_ORIGINS=https://a,,https://b", "has a comma with nothing behind or before it\n"},
        {"ALLOWED_ORIGINS=https://a,", "has a comma with nothing behind or before it\n"},
        {"ALLOWED_ORIGINS=https://a,*", "'*' stands alone, or not at all\n"},
        {"ALLOWED_ORIGINS=none,https://a", "'none' stands alone, or not at all\n"},
    };
    assert_wrong(cases, ARRAY_LEN(cases));
    CLEANUP_LOADED struct loaded twice = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=https://a,http://a,https://a");
    assert_string_equal(told(&twice), "~ALLOWED_ORIGINS: 'https://a' stands there twice\n");
    assert_int_equal(twice.problems.errors, 0);
    assert_effective(&twice, "ALLOWED_ORIGINS", "https://a, http://a");
}

static void test_allowed_hosts(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        {"ALLOWED_HOSTS=https://a", "'https://a' has a scheme: a host is a name, or a name and a port\n"},
        {"ALLOWED_HOSTS=*.a", "'*.a' has a wildcard: hosts are named one by one\n"},
        {"ALLOWED_HOSTS=a/b", "'a/b' has more than a name and a port\n"},
        {"ALLOWED_HOSTS=u@b", "'u@b' has more than a name and a port\n"},
        {"ALLOWED_HOSTS=::1", "'::1' needs brackets: '[::1]'\n"},
        {"ALLOWED_HOSTS=b\xc3\xbc", "'b\xc3\xbc' is not ASCII: clients send such names as 'xn--...'\n"},
        {"ALLOWED_HOSTS=a:b", "'a:b' has a port that is not between 1 and 65535\n"},
        {"ALLOWED_HOSTS=:80", "':80' has no host\n"},
        {"ALLOWED_HOSTS=none", "'none' stands alone, or not at all\n"},
        {"ALLOWED_HOSTS=a,,b", "has a comma with nothing behind or before it\n"},
    };
    assert_wrong(cases, ARRAY_LEN(cases));
    CLEANUP_LOADED struct loaded any = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=none", "ALLOWED_HOSTS=*");
    assert_string_equal(told(&any), "~ALLOWED_HOSTS: '*' answers to every name: only what stands in front of the "
                                    "service holds DNS rebinding back\n");
    assert_true(any.config.any_host);
    assert_effective(&any, "ALLOWED_HOSTS", "*");
}

static void test_too_many_names(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf line = BUF_INIT;
    buf_add_z(&line, "ALLOWED_HOSTS=h");
    for (int i = 0; i < LIMIT_SERVICE_NAMES; i++)
        buf_addf(&line, ",h%d", i);
    CLEANUP_LOADED struct loaded many = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=none", buf_z(&line));
    assert_string_equal(told(&many), "ALLOWED_HOSTS: holds more than 256 names\n");
    assert_int_equal(many.config.hosts.len, 256);
}

static void test_wildcard(void **state)
{
    (void)state;
    CLEANUP_LOADED struct loaded bare = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=*");
    assert_string_equal(told(&bare), "ALLOWED_ORIGINS: '*' lets every web page in: that needs "
                                     "ALLOW_CORS_WILDCARD_DEV=true, and is for development only\n");
    CLEANUP_LOADED struct loaded out =
        LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=*", "ALLOW_CORS_WILDCARD_DEV=true", "HOST=0.0.0.0");
    assert_string_equal(told(&out),
                        "ALLOWED_ORIGINS: '*' lets every web page in: that is for a HOST on loopback, which "
                        "'0.0.0.0' is not\n");
    CLEANUP_LOADED struct loaded fine = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=*", "ALLOW_CORS_WILDCARD_DEV=1");
    assert_string_equal(told(&fine), "~ALLOWED_ORIGINS: '*' lets every web page that is open on this machine call the "
                                     "service: for development only\n");
    assert_true(fine.config.any_origin && fine.problems.errors == 0);
    assert_effective(&fine, "ALLOWED_ORIGINS", "*");
    CLEANUP_LOADED struct loaded idle = LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=none", "ALLOW_CORS_WILDCARD_DEV=true");
    assert_string_equal(told(&idle), "~ALLOW_CORS_WILDCARD_DEV: changes nothing: ALLOWED_ORIGINS is not '*'\n");
}

static void test_fields_together(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        {"METRICS_PORT=8080", "'8080' is PORT's already\n"},
        {"BAREHULL_MAX_MEMORY=1M", "1M is less than one body may have: BAREHULL_MAX_BODY is 10M\n"},
    };
    assert_wrong(cases, ARRAY_LEN(cases));
    CLEANUP_LOADED struct loaded local =
        LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=none", "HOST=unix:/run/x", "METRICS_PORT=9090");
    assert_string_equal(told(&local), "METRICS_PORT: a HOST that is a socket has no ports; /metrics answers there\n");
    CLEANUP_LOADED struct loaded wrong =
        LOAD(SERVICE_HTTP, "ALLOWED_ORIGINS=none", "PORT=x", "METRICS_PORT=8080", "HOST=y");
    assert_int_equal(wrong.problems.errors, 2);
}

static void test_unknown(void **state)
{
    (void)state;
    CLEANUP_LOADED struct loaded odd = LOAD(
        SERVICE_HTTP, "ALLOWED_ORIGINS=none", "BAREHULL_ZZZ=1", "BAREHULL_FOO=1", "BAREHULL_WORKER=1",
        "BAREHULL_PORT=8080", "BAREHULL_LOG_LEVL=info", "BAREHULL_THREADS=2", "BAREHULL_CACHE_DIR=/x",
        "BAREHULL_OFLINE=1", "BAREHULL_", "BAREHULL_A\x1b[0m=1", "BAREHULLX=1", "OTHER=1", "BAREHULL_MAX_BODY_SIZE=1");
    assert_string_equal(told(&odd), "~BAREHULL_: is no variable of barehull's\n"
                                    "~BAREHULL_A?[0m: is no variable of barehull's\n"
                                    "~BAREHULL_FOO: is no variable of barehull's\n"
                                    "~BAREHULL_LOG_LEVL: is no variable of barehull's: did you mean 'LOG_LEVEL'?\n"
                                    "~BAREHULL_MAX_BODY_SIZE: is no variable of barehull's\n"
                                    "~BAREHULL_OFLINE: is no variable of barehull's: did you mean 'BAREHULL_OFFLINE'?\n"
                                    "~BAREHULL_PORT: is no variable of barehull's: did you mean 'PORT'?\n"
                                    "~BAREHULL_WORKER: is no variable of barehull's: did you mean 'BAREHULL_WORKERS'?\n"
                                    "~BAREHULL_ZZZ: is no variable of barehull's\n");
    assert_int_equal(odd.problems.errors, 0);
    CLEANUP_LOADED struct loaded links = LOAD(
        SERVICE_STDIO, "BAREHULL_SERVICE_HOST=10.0.0.1", "BAREHULL_SERVICE_PORT=80", "BAREHULL_SERVICE_PORT_HTTP=80",
        "BAREHULL_PORT=tcp://10.0.0.1:80", "BAREHULL_PORT_80_TCP=tcp://10.0.0.1:80", "BAREHULL_PORT_80_TCP_ADDR=x");
    assert_string_equal(told(&links), "");
}

/* So many, and as long as an environment may hold them: in no time, and the operator still reads what matters. */
static void test_unknown_many(void **state)
{
    (void)state;
    enum { MANY = 10000, NAME_BYTES = 96 };
    static char texts[MANY][NAME_BYTES];
    static const char *names[MANY + 2];
    names[0] = "ALLOWED_ORIGINS=none";
    for (size_t i = 0; i < MANY; i++) {
        snprintf(texts[i], NAME_BYTES, "BAREHULL_%05zu%s", i, i % 2 ? "=1" : "_PORT_OF_SOMEBODY_ELSE_S_SERVICE=1");
        names[i + 1] = texts[i];
    }
    CLEANUP_LOADED struct loaded many = load(SERVICE_HTTP, names);
    assert_int_equal(many.problems.errors, 0);
    assert_int_equal(many.problems.len, LIMIT_SERVICE_UNKNOWN + 1);
    const struct service_problem *last = &many.problems.ptr[LIMIT_SERVICE_UNKNOWN];
    assert_true(str_eq_z(last[-1].variable, "BAREHULL_00063"));
    assert_true(str_eq_z(last->variable, "BAREHULL_*"));
    assert_true(str_eq_z(last->message, "9936 more are no variables of barehull's"));
    assert_true(last->warning);
    names[LIMIT_SERVICE_UNKNOWN + 1] = NULL;
    CLEANUP_LOADED struct loaded enough = load(SERVICE_HTTP, names);
    assert_int_equal(enough.problems.len, LIMIT_SERVICE_UNKNOWN);
    assert_true(str_eq_z(enough.problems.ptr[LIMIT_SERVICE_UNKNOWN - 1].variable, "BAREHULL_00063"));
}

static void test_all_at_once(void **state)
{
    (void)state;
    CLEANUP_LOADED struct loaded all =
        LOAD(SERVICE_HTTP, "LOG_LEVEL=loud", "ALLOWED_ORIGINS=null,https://a/,https://ok", "PORT=http", "HOST=here",
             "BAREHULL_MAX_BODY=much", "BAREHULL_PROT=1", "METRICS_PORT=x");
    assert_string_equal(
        told(&all),
        "HOST: 'here' is neither an IP address, 'localhost' nor 'unix:/path' (names are not looked up)\n"
        "PORT: 'http' is not the number of a port\n"
        "METRICS_PORT: 'x' is not the number of a port\n"
        "ALLOWED_ORIGINS: 'null' is what every sandboxed page sends: it can't be let in by that\n"
        "ALLOWED_ORIGINS: 'https://a/' has something behind host and port: an origin ends there, without a '/'\n"
        "LOG_LEVEL: 'loud' is none of debug, info, warning, error, off\n"
        "BAREHULL_MAX_BODY: 'much' is not a size: a number and K, M or G, or Ki, Mi or Gi\n"
        "~BAREHULL_PROT: is no variable of barehull's: did you mean 'PORT'?\n");
    assert_int_equal(all.problems.errors, 7);
    assert_true(str_eq_z(all.problems.ptr[0].example, "0.0.0.0"));
    assert_true(str_eq_z(all.problems.ptr[1].example, "8080"));
    assert_int_equal(all.problems.ptr[7].example.len, 0);
}

/* Over stdio there is no HTTP to be configured; what is meant for it is not even looked at. */
static void test_stdio(void **state)
{
    (void)state;
    CLEANUP_LOADED struct loaded quiet = LOAD(SERVICE_STDIO, "PORT=x", "HOST=y", "ALLOWED_ORIGINS=z");
    assert_string_equal(told(&quiet), "");
    assert_effective(&quiet, "LOG_LEVEL", "warning");
    assert_effective(&quiet, "PORT", "8080");
    CLEANUP_LOADED struct loaded loud = LOAD(SERVICE_STDIO, "LOG_LEVEL=info", "BAREHULL_WORKERS=2000");
    assert_string_equal(told(&loud), "BAREHULL_WORKERS: '2000' is not between 0 and 1024\n");
    assert_effective(&loud, "LOG_LEVEL", "info");
}

static void test_process_environment(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct service_config config;
    struct service_problems problems;
    assert_int_equal(service_config_load(SERVICE_STDIO, NULL, NULL, &arena, &config, &problems, NULL), 0);
}

static void test_short_of_memory(void **state)
{
    (void)state;
    static const char *const lines[] = {"ALLOWED_ORIGINS=https://a,null,https://a",
                                        "ALLOWED_HOSTS=A,b",
                                        "HOST=::1",
                                        "BAREHULL_PROT=1",
                                        "LOG_LEVEL=x",
                                        "BAREHULL_MAX_BODY=1",
                                        NULL};
    environment = lines;
    int rc = 1;
    for (uint64_t n = 1; rc != 0 && n < 1000; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct service_config config;
        struct service_problems problems;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = service_config_load(SERVICE_HTTP, get, lines, &arena, &config, &problems, &err);
        fault_disarm();
        assert_int_equal(err.code, rc ? ERR_NOMEM : ERR_NONE);
        if (!rc)
            assert_int_equal(problems.len, 5);
    }
    assert_int_equal(rc, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_any_value),       cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_hosts),           cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_origins),         cmocka_unit_test(test_allowed_hosts),
        cmocka_unit_test(test_too_many_names),  cmocka_unit_test(test_wildcard),
        cmocka_unit_test(test_fields_together), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_unknown_many),    cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_stdio),           cmocka_unit_test(test_process_environment),
        cmocka_unit_test(test_short_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
