/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/settings.h - what an image's config says about running it, checked before any work begins.
 *
 * Implements the `config` object of OCI image-spec 1.1 (config.md "Properties") from build options: defaults filled
 * in, forms normalised, order fixed. Everything lives in the arena.
 */
#include "base/arena.h"
#include "base/err.h"
#include "data/decode.h"
#include "oci/config.h"
#include "pack/options.h"
#include "pack/user.h"

struct image_settings {
    struct image_user user;
    struct str user_text;        /* "65532:65532": numbers, so that runAsNonRoot can be proven */
    struct data_strs entrypoint; /* may be empty here: the program's own place is filled in later */
    struct data_strs cmd;
    struct data_strs env; /* NAME=VALUE, defaults first, each name once */
    size_t env_defaults;  /* how many of them are defaults that nobody changed the place of */
    struct str workdir;
    struct data_strs exposed;      /* "8080/tcp", sorted, each once */
    struct data_pairs labels;      /* sorted by key, each once: the last one given wins */
    struct data_pairs annotations; /* likewise */
    struct str stop_signal;        /* "SIGTERM"; empty when not given */
    struct oci_healthcheck health; /* pack/health.h */
    bool utf8_locale;              /* LANG or LC_ALL asks for C.UTF-8 */
};

/* Errors: ERR_USAGE naming the option, the value and its form. */
int settings_make(struct arena *arena, const struct build_options *options, struct image_settings *ret_settings,
                  struct err *err);

/* The value of the variable NAME; false when there is none. */
bool settings_env(const struct image_settings *settings, const char *name, struct str *ret_value);

/* Adds NAME=VALUE to the defaults, unless NAME is set already. */
int settings_add_env(struct arena *arena, struct image_settings *settings, const char *name, struct str value,
                     struct err *err);

/*
 * A repository name made of a program's file name: lower case, what a reference can't hold becomes "-"; "app" when
 * nothing is left (distribution-spec 1.1, "Pulling manifests": <name>).
 */
struct str settings_default_name(struct arena *arena, struct str app_path);
