/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/build.h - what a Dockerfile says of the image that it makes.
 *
 * The final stage is the one that a build without a target makes, or the one that the caller names (Compose's
 * build.target). What ships is that stage and its chain of parents in the file (`shipped`); other stages are builders.
 */
#include "dockerfile/file.h"
#include "facts/workload.h"

struct run_fact {
    const struct dockerfile_instruction *instruction;
    uint32_t position;                    /* index into file->instructions; of a trigger: the FROM that runs it */
    const struct dockerfile_stage *stage; /* that it runs in */
    struct place at;
    struct fact_command command; /* heredoc bodies are part of the script */
    bool ships;                  /* in a shipped stage */
};

struct copy_source {
    struct fact_text path;
    bool heredoc;
    bool remote;             /* ADD of a URL or a Git repository */
    enum image_answer shell; /* whether it brings a shell to where programs are */
    bool whole;              /* it is a whole file system or a whole build context */
};

struct copy_fact {
    const struct dockerfile_instruction *instruction;
    uint32_t position;
    const struct dockerfile_stage *stage;
    struct place at;
    bool add; /* ADD, not COPY */
    bool ships;
    const struct copy_source *sources;
    size_t source_count;
    struct fact_text destination;
    struct fact_text from;                     /* --from; ABSENT: the build context */
    const struct dockerfile_stage *from_stage; /* when it names one */
    struct image_name from_image;              /* else, when `from` counts */
    struct fact_text chown, chmod, checksum;
};

struct stage_fact {
    const struct dockerfile_stage *stage;
    bool ships;
    struct place at;              /* its image word in FROM */
    struct str shown;             /* "stage 'builder'", "stage 2" */
    struct fact_text image;       /* of the root of its chain, UNKNOWN when it hangs on a variable */
    struct image_name image_name; /* of that, when it counts; IMAGE_SCRATCH for scratch */
    struct place image_at;        /* where that image is written (the root's FROM) */
};

struct build {
    const struct source *source;
    const struct dockerfile *file;
    const struct dockerfile_stage *final; /* NULL when there is no stage: the rest is empty then */
    const struct stage_fact *stages;      /* one for each of file->stages */
    size_t stage_count;
    const struct stage_fact *final_fact;
    struct place at; /* the final stage's FROM: where findings about what is missing point */

    /* At the end of the final stage. */
    enum image_answer shell; /* whether it has one */
    struct place shell_at;   /* what brought it in, or says that there is none */
    struct fact_text user;   /* INHERITED from a base that is known not to be root; DEFAULT "root" where that is known;
                                ABSENT: the base image's own, which is not known */
    struct fact_command entrypoint, command;
    struct probe_fact health;                     /* facts/workload.h */
    struct fact_list env, labels, ports, volumes; /* parents' too; nearest last */
    struct fact_list args;                        /* ARG with defaults, of all stages */

    const struct run_fact *runs; /* of all stages, in order */
    size_t run_count;
    const struct copy_fact *copies;
    size_t copy_count;
};
