/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "base/path.h"
#include "image/contents.h"
#include "init/plan_check.h"
#include "io/digest.h"
#include "oci/reference.h"
#include "ops_local/init_work.h"

#include <inttypes.h>

#define PROBE "app/healthcheck"

struct reading {
    struct init_work *work;
    const struct oci_image *image;
    const struct oci_config *config;
    bool has_probe;
    struct str passwd; /* what /etc/passwd holds; empty: the image has none */
};

static struct survey_answer stated(struct str value, const char *why)
{
    return (struct survey_answer){.value = value, .why = why};
}

/* The name in the layout or archive when it is one of a repository, else what the file is called. */
static int read_name(struct reading *reading, const struct oci_image_name *name, struct err *err)
{
    struct init_work *work = reading->work;
    struct arena *arena = work->ctx->arena;
    struct str given = reading->image->names.count ? reading->image->names.items[0] : STR_NONE;
    struct oci_reference reference = {0};
    bool whole = (str_has_char(given, ':') || str_has_char(given, '/')) &&
                 oci_reference_parse(given, &reference, NULL) == 0 && !str_eq_z(reference.tag, "latest");
    struct str file = path_base(str_z(name->path));
    size_t dot = str_rfind_char(file, '.');
    struct survey_answer called =
        stated(init_label(arena, whole ? path_base(reference.repository) : str_head(file, dot ? dot : file.len)),
               whole ? "the image's name" : "the name of its file");
    if (!called.value.ptr)
        return err_nomem(err);
    int r = 0;
    if (work->options.name.len == 0) {
        work->options.name = called.value;
        r = init_remember(work, "name", &called, err);
    }
    if (r != 0 || work->options.image.len)
        return r;
    CLEANUP_BUF struct buf text = BUF_INIT;
    if (whole)
        buf_add_str(&text, str_head(given, str_find_char(given, '@')));
    else
        buf_add_str(&text, work->options.name);
    if (!whole || reference.tag.len == 0)
        buf_addf(&text, ":%.*s",
                 STR_ARG(work->options.version.len                            ? work->options.version
                         : oci_tag_valid(given) && !str_eq_z(given, "latest") ? given
                                                                              : STR("0.1.0")));
    if (reading->image->has_manifest) {
        char digest[DIGEST_TEXT_MAX];
        buf_addf(&text, "@%s", digest_text(&reading->image->manifest_descriptor.digest, digest));
    }
    struct survey_answer found =
        stated(arena_buf(arena, &text), reading->image->has_manifest ? "its name and the digest of its manifest"
                                                                     : "its name; the archive states no digest");
    work->options.image = found.value;
    return found.value.ptr ? init_remember(work, "image", &found, err) : err_nomem(err);
}

/* TCP ports from 1024 on; false for others. */
static bool read_port(struct str text, struct str *ret_port)
{
    size_t slash = str_find_char(text, '/');
    struct str protocol = str_skip(text, slash + 1);
    *ret_port = str_head(text, slash);
    uint64_t port;
    return (protocol.len == 0 || str_eq_z(protocol, "tcp")) && num_parse_u64(*ret_port, &port) && port >= 1024 &&
           port <= 65535;
}

static int read_ports(struct reading *reading, struct err *err)
{
    struct init_work *work = reading->work;
    const struct data_strs *exposed = &reading->config->exposed_ports;
    struct str *ports = ARENA_ARRAY(work->ctx->arena, exposed->count + 1, struct str);
    size_t count = 0;
    if (!ports)
        return err_nomem(err);
    for (size_t i = 0; i < exposed->count; i++)
        count += read_port(exposed->items[i], &ports[count]);
    count = str_sort_unique(ports, count);
    struct survey_answer port = {0};
    if (count)
        port = (struct survey_answer){
            .value = ports[0], .why = "which the image exposes", .rivals = {ports + 1, count - 1}};
    const struct init_question question = {
        .option = "port",
        .text = "port that it listens on, 0 when it is no server",
        .answer = &port,
        .said = init_given(work, "port"),
        .fallback = STR("0"),
        .without = "the image exposes no port: it is taken for no server (--port says where it listens)",
        .check = init_check_port,
    };
    int r = init_settle(work, &question, err);
    if (r != 0 || question.said)
        return r;
    uint64_t number = 0;
    if (port.value.len && num_parse_u64(port.value, &number))
        work->options.port = (int64_t)number;
    return number ? init_remember(work, "port", &port, err) : 0;
}

static bool is_number(struct str text)
{
    uint64_t number;
    return num_parse_u64(text, &number);
}

/* "appuser" as "65532:65532", by /etc/passwd; a group that is named stays unknown. ptr NULL: it is not there. */
static struct str look_up_user(const struct reading *reading, struct str user)
{
    struct str rest = reading->passwd, line;
    while (str_next_line(&rest, &line)) {
        struct str name, password, uid, gid;
        uint64_t number;
        if (!str_next(&line, ':', &name) || !str_eq(name, user) || !str_next(&line, ':', &password) ||
            !str_next(&line, ':', &uid) || !str_next(&line, ':', &gid))
            continue;
        if (!num_parse_u64(uid, &number) || !num_parse_u64(gid, &number))
            return STR_NONE;
        return str_of(uid.ptr, uid.len + 1 + gid.len);
    }
    return STR_NONE;
}

static int read_user(struct reading *reading, struct err *err)
{
    struct init_work *work = reading->work;
    struct str user = reading->config->user, looked_up = look_up_user(reading, user);
    const char *why = "the image's user";
    if (looked_up.ptr) {
        user = looked_up;
        why = "the image's user, by its /etc/passwd";
    }
    size_t colon = str_find_char(user, ':');
    struct str uid = str_head(user, colon);
    if (work->options.user.len)
        return 0;
    if (user.len == 0 || str_eq_z(uid, "0") || str_eq_z(uid, "root")) {
        op_warn(work->ctx, "the image runs as root: the files let it run as 65532:65532 (--user says otherwise), and "
                           "it may have to be built anew for that");
        return 0;
    }
    if (!is_number(uid) || (colon < user.len && !is_number(str_skip(user, colon + 1)))) {
        op_warn(work->ctx, "the image's user '%.*s' is a name: the files let it run as 65532:65532 (--user UID:GID)",
                STR_ARG(user));
        return 0;
    }
    struct survey_answer found = stated(user, why);
    work->options.user = user;
    return init_remember(work, "user", &found, err);
}

static int read_volumes(struct reading *reading, struct err *err)
{
    struct init_work *work = reading->work;
    const struct data_strs *volumes = &reading->config->volumes;
    if (work->options.volumes.len)
        return 0;
    work->options.volumes = (struct str_list){volumes->items, volumes->count};
    int r = 0;
    for (size_t i = 0; r == 0 && i < volumes->count; i++) {
        struct survey_answer found = stated(volumes->items[i], "a volume of the image");
        r = init_remember(work, "volume", &found, err);
    }
    return r;
}

/* As "CMD" has it, or the probe with a path. */
static int take_command(struct reading *reading, struct str_list command, const char *why, struct err *err)
{
    CLEANUP_BUF struct buf words = BUF_INIT;
    for (size_t i = 0; i < command.len; i++)
        buf_addf(&words, "%s%.*s", i ? " " : "", STR_ARG(command.ptr[i]));
    struct survey_answer found = stated(arena_buf(reading->work->ctx->arena, &words), why);
    reading->work->options.health_command = command;
    return found.value.ptr ? init_remember(reading->work, "health-command", &found, err) : err_nomem(err);
}

static int read_health(struct reading *reading, struct err *err)
{
    struct init_work *work = reading->work;
    const struct data_strs *test = &reading->config->healthcheck.test;
    if (work->options.health_command.len)
        return 0;
    if (reading->has_probe && (work->options.health.len || test->count < 2)) {
        struct str *words = ARENA_ARRAY(work->ctx->arena, 3, struct str);
        if (!words)
            return err_nomem(err);
        words[0] = STR("/" PROBE);
        words[1] = STR("ready");
        words[2] = work->options.health;
        work->options.health = work->options.live = STR_NONE;
        return take_command(reading, (struct str_list){words, words[2].len ? 3 : 1}, "barehull's probe is in it", err);
    }
    if (work->options.health.len)
        return 0;
    if (test->count > 1 && str_eq_z(test->items[0], "CMD"))
        return take_command(reading, (struct str_list){test->items + 1, test->count - 1}, "the image's health check",
                            err);
    if (test->count > 1 && str_eq_z(test->items[0], "CMD-SHELL"))
        op_warn(work->ctx, "the image's health check asks for a shell, and is not taken over: --health says which path "
                           "tells, --health-command which program");
    else if (work->options.port)
        op_warn(work->ctx, "the image has no health check: --health says which path tells, --health-command which "
                           "program");
    return 0;
}

static int read_all(struct init_work *work, const struct oci_image_name *name, struct oci_image *image, struct err *err)
{
    struct image_contents contents;
    int r = image_contents_read(work->ctx, image, &contents, err);
    if (r != 0)
        return r;
    struct reading reading = {.work = work, .image = image, .config = &image->config};
    const struct tree_node *passwd = tree_lookup(contents.tree, STR("etc/passwd"));
    reading.has_probe = tree_lookup(contents.tree, STR(PROBE)) != NULL;
    if (!passwd || !image_contents_bytes(&contents, passwd, &reading.passwd))
        reading.passwd = STR(""); /* its text lives in the arena, as the tree's do */
    image_contents_done(&contents);
    work->noun = STR("an image");
    work->options.language = INIT_IMAGE;
    r = read_name(&reading, name, err);
    if (r == 0)
        r = read_ports(&reading, err);
    if (r == 0)
        r = read_user(&reading, err);
    if (r == 0)
        r = read_volumes(&reading, err);
    return r == 0 ? read_health(&reading, err) : r;
}

int init_from_image(struct init_work *work, struct str text, struct err *err)
{
    struct oci_image_name name;
    struct oci_platform host = oci_platform_host();
    struct oci_image *image = NULL;
    struct err first = ERR_INIT;
    int r = oci_image_name_parse(text, work->ctx->arena, &name, err);
    if (r != 0)
        return r;
    /* An index over several machines: they differ in nothing that is asked here. */
    r = oci_image_open(&name, NULL, work->ctx->arena, &image, &first);
    if (r == -(int)ERR_USAGE)
        r = oci_image_open(&name, &host, work->ctx->arena, &image, NULL);
    if (r != 0) {
        if (err)
            *err = first;
        return -(int)first.code;
    }
    r = read_all(work, &name, image, err);
    oci_image_close(image); /* its texts live in the arena */
    return r;
}
