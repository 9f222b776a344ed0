/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/app_layers.h"

#include "pack/layer_key.h"

#include <stdio.h>

/* Changes whenever the same files would make another layer. */
#define FORMAT "barehull-dependencies 1"

int app_layers_find_dependencies(struct app_layers *layers, const struct tree *tree, struct str identity,
                                 bool *ret_found, struct err *err)
{
    char content[65], hex[DIGEST_TEXT_MAX];
    struct buf text CLEANUP_BUF = BUF_INIT;
    int r = layer_key(layers->ctx, layers->pool, tree, content, err);
    buf_addf(&text, FORMAT "\n%s\n%.*s\n%d %d\n", content, STR_ARG(identity), (int)layers->compression, layers->level);
    if (r == 0)
        r = buf_check(&text, err);
    if (r < 0)
        return r;
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&text));
    (void)snprintf(layers->key, sizeof(layers->key), "dependencies-%s", digest_hex(&digest, hex));
    *ret_found = layer_load(layers->store, layers->key, layers->compression, &layers->dependencies.layer);
    layers->has_dependencies = *ret_found;
    return 0;
}

void app_layers_forget_key(struct app_layers *layers)
{
    layers->key[0] = '\0';
}

static void run_job(struct pool_job *pool_job)
{
    struct app_layer_job *job = (struct app_layer_job *)((char *)pool_job - offsetof(struct app_layer_job, job));
    struct app_layers *layers = job->layers;
    bool kept = job == &layers->dependencies && layers->key[0];
    job->result = layer_make(&job->ctx, layers->store, layers->pool, layers->compression, layers->level, job->tree,
                             &job->layer, &job->err);
    if (job->result == 0 && kept)
        job->result = layer_save(layers->store, layers->key, &job->layer, &job->err);
}

static void start_job(struct app_layers *layers, struct app_layer_job *job, const struct tree *tree)
{
    *job = (struct app_layer_job){.job = {.run = run_job}, .layers = layers, .tree = tree, .ctx = *layers->ctx};
    job->ctx.cancelled = &layers->called_off;
    job->ctx.arena = &job->arena;
    job->ctx.parent = layers->ctx;
    job->started = true;
    pool_submit(layers->pool, &job->job);
}

void app_layers_start(struct app_layers *layers, const struct tree *dependencies, const struct tree *app)
{
    if (dependencies && !layers->has_dependencies) {
        start_job(layers, &layers->dependencies, dependencies);
        layers->has_dependencies = true;
    }
    start_job(layers, &layers->app, app);
}

static int finish_job(struct app_layers *layers, struct app_layer_job *job, struct err *err)
{
    if (!job->started)
        return 0;
    job->started = false;
    pool_wait_job(layers->pool, &job->job);
    arena_done(&job->arena);
    if (job->result < 0 && err)
        *err = job->err;
    return job->result;
}

int app_layers_finish(struct app_layers *layers, bool call_off, struct err *err)
{
    if (call_off)
        atomic_store(&layers->called_off, true);
    bool has_app = layers->app.started;
    int r = finish_job(layers, &layers->dependencies, call_off ? NULL : err);
    if (r < 0)
        atomic_store(&layers->called_off, true); /* nobody wants the other one now */
    int other = finish_job(layers, &layers->app, r < 0 || call_off ? NULL : err);
    r = r < 0 ? r : other;
    if (r < 0 || call_off || !has_app)
        return r;
    if (layers->has_dependencies) {
        layers->roles[layers->count] = STR("dependencies");
        layers->layers[layers->count++] = layers->dependencies.layer;
        layers->dependencies.layer = (struct layer){0};
    }
    layers->roles[layers->count] = STR("app");
    layers->layers[layers->count++] = layers->app.layer;
    layers->app.layer = (struct layer){0};
    return 0;
}

void app_layers_done(struct app_layers *layers)
{
    for (size_t i = 0; i < layers->count; i++)
        layer_done(&layers->layers[i]);
    layer_done(&layers->dependencies.layer);
    layer_done(&layers->app.layer);
    layers->count = 0;
}
