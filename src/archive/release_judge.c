/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/release_judge.h"

#include "base/clock.h"

/* "stable", "oldstable-security", "testing": names that move from release to release. */
static bool is_moving_name(struct str suite)
{
    static const struct str names[] = {STR_INIT("stable"),  STR_INIT("oldstable"), STR_INIT("oldoldstable"),
                                       STR_INIT("testing"), STR_INIT("unstable"),  STR_INIT("experimental")};
    struct str head = str_head(suite, str_find_char(suite, '-'));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(head, names[i]))
            return true;
    return false;
}

static int judge_names(const struct release *release, const struct archive_place *place, struct err *err)
{
    struct str asked = place->suite;
    if (str_ends(asked, STR("/"))) /* an exact path has no name */
        return 0;
    if (str_eq(release->codename, asked))
        return 0;
    if (str_eq(release->suite, asked) && (release->codename.len == 0 || is_moving_name(asked)))
        return 0;
    err_set(err, ERR_INVALID, "'%.*s' is the release '%.*s', but '%.*s' was asked for", STR_ARG(place->name),
            STR_ARG(release->codename.len > 0 ? release->codename : release->suite), STR_ARG(asked));
    return err_hint(err, "the mirror mixes up its releases; name another one");
}

static int judge_origin(const struct release *release, const struct archive_place *place, struct err *err)
{
    if (place->named || str_eq_z(release->origin, "Debian"))
        return 0;
    err_set(err, ERR_NO_SOURCES, "'%.*s' is an archive of '%.*s', not of Debian", STR_ARG(place->name),
            STR_ARG(release->origin));
    return err_hint(err, "name it if it is wanted: --mirror 'URL %.*s' --keyring FILE", STR_ARG(place->suite));
}

static int judge_date(const struct release *release, const struct archive_place *place,
                      const struct archive_options *options, int64_t accepted_s, struct err *err)
{
    struct buf before CLEANUP_BUF = BUF_INIT;
    if (!place->ignore_date && release->date_s != INT64_MIN &&
        release->date_s - options->now_s > RELEASE_FUTURE_MAX_S) {
        err_set(err, ERR_EXPIRED, "'%.*s' is dated '%.*s', ahead of this machine's clock", STR_ARG(place->name),
                STR_ARG(release->date));
        return err_hint(err, "set the clock of this machine");
    }
    if (release->date_s >= accepted_s)
        return 0;
    clock_format_rfc3339(&before, accepted_s);
    err_set(err, ERR_DOWNGRADE, "'%.*s' is dated '%.*s', older than the one of %s that was accepted before",
            STR_ARG(place->name), STR_ARG(release->date), buf_z(&before));
    return err_hint(err, "somebody may hold back updates; try again or name another mirror (the older one is only "
                         "accepted after 'barehull cache --clear')");
}

static int judge_validity(const struct release *release, const struct archive_place *place,
                          const struct archive_options *options, const struct op_ctx *ctx, struct err *err)
{
    if (release->valid_until_s == INT64_MIN || options->now_s <= release->valid_until_s)
        return 0;
    struct buf until CLEANUP_BUF = BUF_INIT;
    clock_format_rfc3339(&until, release->valid_until_s);
    if (options->ignore_valid_until || place->ignore_valid_until) {
        op_warn(ctx, "'%.*s' expired at %s and is used because apt is told not to check that", STR_ARG(place->name),
                buf_z(&until));
        return 0;
    }
    err_set(err, ERR_EXPIRED, "'%.*s' expired at %s", STR_ARG(place->name), buf_z(&until));
    return err_hint(err, options->offline ? "run once without --offline, so that a current one is fetched"
                                          : "the mirror is out of date or holds back updates; name another one");
}

static int judge_content(const struct release *release, const struct archive_place *place,
                         const struct archive_options *options, struct err *err)
{
    for (size_t i = 0; i < place->components.len; i++) {
        struct str component = place->components.ptr[i];
        if (release->components.len > 0 && !release_has_component(release, component))
            return err_set(err, ERR_NOT_FOUND, "'%.*s' has no component '%.*s' (it has: %.*s)", STR_ARG(place->name),
                           STR_ARG(component), STR_ARG(release->components));
    }
    if (release->architectures.len > 0 && !release_has_architecture(release, options->architecture)) {
        err_set(err, ERR_ARCHITECTURE, "'%.*s' has no packages for the architecture '%.*s' (it has: %.*s)",
                STR_ARG(place->name), STR_ARG(options->architecture), STR_ARG(release->architectures));
        return err_hint(err, "name a mirror that has it, or another architecture with --arch");
    }
    return 0;
}

int release_judge(const struct release *release, const struct archive_place *place,
                  const struct archive_options *options, int64_t accepted_s, const struct op_ctx *ctx, struct err *err)
{
    int rc = judge_names(release, place, err);
    if (rc == 0)
        rc = judge_origin(release, place, err);
    if (rc == 0)
        rc = judge_date(release, place, options, accepted_s, err);
    if (rc == 0)
        rc = judge_validity(release, place, options, ctx, err);
    return rc == 0 ? judge_content(release, place, options, err) : rc;
}
