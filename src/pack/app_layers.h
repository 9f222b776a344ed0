/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/app_layers.h - the layers of the application: what it depends on (kept in the cache), and its own code.
 *
 * They are made on the pool, side by side, while the caller goes on. What an application depends on changes seldom and
 * is most of its bytes: its layer is looked up by what goes into it (pack/layer_key.h), so that a change of one own
 * file costs neither its compression nor its tar. An application's own layer is never kept: it is as quickly made.
 */
#include "base/pool.h"
#include "pack/layer.h"

#define APP_LAYERS_MAX 2

/* One layer while it is made. */
struct app_layer_job {
    struct pool_job job;
    struct app_layers *layers;
    const struct tree *tree;
    struct op_ctx ctx;
    struct arena arena;
    struct layer layer;
    struct err err;
    int result;
    bool started;
};

struct app_layers {
    const struct op_ctx *ctx;
    struct store *store;
    struct pool *pool;
    enum compression compression;
    int level;

    struct app_layer_job dependencies, app;
    atomic_bool called_off;
    char key[128];         /* of the dependencies' layer; empty: it is not kept */
    bool has_dependencies; /* found or made */

    struct layer layers[APP_LAYERS_MAX]; /* finished ones, bottom up */
    struct str roles[APP_LAYERS_MAX];    /* "dependencies", "app" */
    size_t count;
};

/*
 * Looks for the finished layer of TREE, as it is now, to which what IDENTITY tells is going to be added. A layer that
 * is not there is kept under that key when app_layers_finish made it. Errors: of layer_key.
 */
int app_layers_find_dependencies(struct app_layers *layers, const struct tree *tree, struct str identity,
                                 bool *ret_found, struct err *err);

/* What was found or is made with the key is not what the key says: it is not kept. */
void app_layers_forget_key(struct app_layers *layers);

/* Begins. DEPENDENCIES may be NULL; it is not looked at when its layer was found. The trees stay as they are until
   app_layers_finish. */
void app_layers_start(struct app_layers *layers, const struct tree *dependencies, const struct tree *app);

/* Waits. CALL_OFF when nobody wants them any more: then ERR may be NULL, and there are none. */
int app_layers_finish(struct app_layers *layers, bool call_off, struct err *err);
void app_layers_done(struct app_layers *layers);
