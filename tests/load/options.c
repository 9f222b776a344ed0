/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "load.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const char usage[] =
    "usage: load [OPTION]... ADDRESS\n"
    "\n"
    "ADDRESS is IPV4:PORT or unix:/path.\n"
    "  -c, --connections N     how many (1)\n"
    "  -d, --depth N           requests owed on each at once: pipelining (1)\n"
    "  -n, --requests N        stop after N answers\n"
    "  -s, --seconds N         or after N seconds (3)\n"
    "  -w, --warm-up N         N answers more before, which are not counted\n"
    "      --per-connection N  close a connection behind N answers\n"
    "      --idle N            hold N connections more that have asked once\n"
    "      --persist           connect again and again while the server is away\n"
    "What is asked, in turn; later options are the last one's:\n"
    "      --request FILE      bytes as they are\n"
    "      --get PATH          a GET\n"
    "      --post PATH FILE TYPE [HEADER...] --\n"
    "      --status N          that its answer has (200; 0: any)\n"
    "      --exact FILE        the body that it has\n"
    "      --contains TEXT     text in its body\n"
    "Prints JSON; the status is 0 when no answer was lost or wrong. " LOAD_ID " in a request is a number of its own,\n"
    "which the answer has to hold too.\n";

static NORETURN void fail(const char *what, const char *subject)
{
    fprintf(stderr, "load: %s '%s'\n%s", what, subject, usage);
    exit(2);
}

static void read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail("can't read", path);
    char piece[4096];
    size_t len;
    while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_add(out, piece, len);
    fclose(file);
}

static uint64_t number(const char *text)
{
    uint64_t value;
    if (!text || !num_parse_u64(str_z(text), &value))
        fail("no number:", text ? text : "");
    return value;
}

static void read_address(const char *text, struct load_options *options)
{
    if (strncmp(text, "unix:", 5) == 0) {
        struct sockaddr_un *address = (struct sockaddr_un *)&options->address;
        address->sun_family = AF_UNIX;
        snprintf(address->sun_path, sizeof(address->sun_path), "%s", text + 5);
        options->address_len = sizeof(*address);
        return;
    }
    struct sockaddr_in *address = (struct sockaddr_in *)&options->address;
    const char *colon = strrchr(text, ':');
    char host[64] = "";
    if (!colon || (size_t)(colon - text) >= sizeof(host))
        fail("no address:", text);
    memcpy(host, text, (size_t)(colon - text));
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)number(colon + 1));
    if (inet_pton(AF_INET, host, &address->sin_addr) != 1)
        fail("no IPv4 address:", text);
    options->address_len = sizeof(*address);
}

static struct load_template *template_new(struct load_options *options)
{
    if (options->template_count == LOAD_TEMPLATES)
        fail("too many requests", "");
    struct load_template *template = &options->templates[options->template_count++];
    template->status = 200;
    return template;
}

/* PATH FILE TYPE [HEADER...] --, from ARGS on; how many they are. */
static int read_post(char **args, struct load_template *template)
{
    if (!args[0] || !args[1] || !args[2])
        fail("wants a path, a file and a type:", "--post");
    struct buf body = BUF_INIT;
    read_file(args[1], &body);
    buf_addf(&template->bytes, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
             args[0], args[2], body.len);
    int count = 3;
    while (args[count] && strcmp(args[count], "--") != 0)
        buf_addf(&template->bytes, "%s\r\n", args[count++]);
    buf_add_z(&template->bytes, "\r\n");
    buf_add_str(&template->bytes, buf_str(&body));
    buf_done(&body);
    return count + (args[count] != NULL);
}

/* An option of what is asked; returns how many arguments it took, 0: none of these. */
static int read_template_option(char **args, struct load_options *options)
{
    struct load_template *last = options->template_count ? &options->templates[options->template_count - 1] : NULL;
    const char *name = args[0], *value = args[1];
    if (strcmp(name, "--post") == 0)
        return 1 + read_post(args + 1, template_new(options));
    if (strcmp(name, "--request") == 0 && value)
        read_file(value, &template_new(options)->bytes);
    else if (strcmp(name, "--get") == 0 && value)
        buf_addf(&template_new(options)->bytes, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", value);
    else if (strcmp(name, "--status") == 0 && last)
        last->status = (unsigned)number(value);
    else if (strcmp(name, "--contains") == 0 && last && value)
        last->contains = str_z(value);
    else if (strcmp(name, "--exact") == 0 && last && value) {
        read_file(value, &last->exact);
        last->has_exact = true;
    } else
        return 0;
    return 2;
}

static bool is(const char *arg, const char *brief, const char *name)
{
    return strcmp(arg, brief) == 0 || strcmp(arg, name) == 0;
}

static int read_option(char **args, struct load_options *options)
{
    const char *name = args[0], *value = args[1];
    if (strcmp(name, "--persist") == 0) {
        options->persist = true;
        return 1;
    }
    if (is(name, "-c", "--connections"))
        options->connections = (unsigned)number(value);
    else if (is(name, "-d", "--depth"))
        options->depth = (unsigned)number(value);
    else if (is(name, "-n", "--requests"))
        options->requests = number(value);
    else if (is(name, "-s", "--seconds"))
        options->seconds = (double)number(value);
    else if (is(name, "-w", "--warm-up"))
        options->warm_up = number(value);
    else if (is(name, "", "--per-connection"))
        options->per_connection = number(value);
    else if (is(name, "", "--idle"))
        options->idle = (unsigned)number(value);
    else
        fail("unknown option", name);
    return 2;
}

static void template_finish(struct load_template *template)
{
    struct str bytes = buf_str(&template->bytes);
    template->head = str_starts(bytes, STR("HEAD "));
    template->id_at = bytes.len;
    for (size_t at = 0; (at += str_find(str_skip(bytes, at), STR(LOAD_ID))) < bytes.len; at++) {
        template->has_id = true;
        template->id_at = at;
    }
}

void load_options_read(int argc, char **argv, struct load_options *options)
{
    options->connections = options->depth = 1;
    options->seconds = 3;
    int at = 1;
    while (at < argc && argv[at][0] == '-') {
        int taken = read_template_option(argv + at, options);
        at += taken ? taken : read_option(argv + at, options);
    }
    if (at != argc - 1)
        fail("wants one address behind the options, not", at < argc ? argv[at + 1] : "none");
    read_address(argv[at], options);
    if (!options->template_count || !options->connections || !options->depth || options->depth > LOAD_DEPTH)
        fail("wants a request, a connection and a depth up to 64:", argv[0]);
    for (unsigned i = 0; i < options->template_count; i++)
        template_finish(&options->templates[i]);
}
