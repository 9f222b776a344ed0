/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/image_files.h"

#include "base/path.h"

#include <string.h>

static bool is_any(struct str word, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (str_eq_z(word, list[i]))
            return true;
    return false;
}

/* --- by the name -------------------------------------------------------------------------------------------- */

/* What people probe with, and what a system's own installation does not bring. */
static const char *const fetchers[] = {"curl", "wget", "nc", "netcat", "ncat", "telnet", "socat", "http", "jq", NULL};

static const struct published {
    const char *repository;
    enum image_kind kind;
    const char *lacks[6];
} published[] = {
    {"library/alpine", IMAGE_ALPINE, {"curl", "bash", "jq"}},
    {"library/python", IMAGE_ALPINE, {"curl", "bash", "jq"}},
    {"library/node", IMAGE_ALPINE, {"curl", "bash", "jq"}},
    {"library/golang", IMAGE_ALPINE, {"curl", "bash", "jq"}},
    {"library/ruby", IMAGE_ALPINE, {"curl", "bash", "jq"}},
    {"library/debian", IMAGE_SLIM, {"curl", "wget", "nc", "jq"}},
    {"library/debian", IMAGE_FULL, {"curl", "wget", "nc", "jq"}},
    {"library/ubuntu", IMAGE_FULL, {"curl", "wget", "nc", "jq"}},
    {"library/python", IMAGE_SLIM, {"curl", "wget", "nc", "jq"}},
    {"library/node", IMAGE_SLIM, {"curl", "wget", "nc", "jq"}},
    {"library/busybox", IMAGE_BUSYBOX, {"curl", "bash", "jq"}},
};

/* Distroless images with a runtime bring its program. */
static bool is_runtime(const char *flavour, struct str program)
{
    static const struct {
        const char *flavour, *program;
    } runtimes[] = {{"python", "python"}, {"nodejs", "node"}, {"java", "java"}, {"java", "keytool"}};
    for (size_t i = 0; flavour && i < ARRAY_LEN(runtimes); i++)
        if (str_starts(str_z(flavour), str_z(runtimes[i].flavour)) && str_starts(program, str_z(runtimes[i].program)))
            return true;
    return false;
}

enum image_answer image_has_program(const struct image_name *name, struct str program)
{
    if (name->kind == IMAGE_SCRATCH)
        return is_any(program, fetchers) || command_is_shell(program) ? IMAGE_NO : IMAGE_MAYBE;
    if (name->kind == IMAGE_DISTROLESS && name->shell == IMAGE_NO) {
        if (is_runtime(name->flavour, program))
            return IMAGE_YES;
        return is_any(program, fetchers) || command_is_shell(program) ? IMAGE_NO : IMAGE_MAYBE;
    }
    if (name->kind == IMAGE_DISTROLESS && name->debug && name->flavour)
        return str_eq_z(program, "curl") || str_eq_z(program, "bash") ? IMAGE_NO : IMAGE_MAYBE;
    for (size_t i = 0; i < ARRAY_LEN(published); i++)
        if (name->kind == published[i].kind && str_eq_z(name->repository, published[i].repository) &&
            str_eq_z(name->registry, "docker.io") && is_any(program, published[i].lacks))
            return IMAGE_NO;
    return IMAGE_MAYBE;
}

/* --- by what is copied -------------------------------------------------------------------------------------- */

static size_t count_workdirs(const struct build *build)
{
    size_t count = 0;
    for (const struct dockerfile_stage *stage = build->final; stage; stage = stage->parent)
        for (uint32_t i = 0; i < stage->count; i++)
            count += build->file->instructions[stage->first + i].kind == DOCKERFILE_WORKDIR;
    return count;
}

/* What holds where no WORKDIR is: distroless images for nonroot start in that user's home. */
static struct str base_workdir(const struct build *build)
{
    const struct image_name *name = &build->final_fact->image_name;
    bool root = build->final->root->base == DOCKERFILE_BASE_SCRATCH ||
                (name->kind == IMAGE_DISTROLESS && name->flavour && name->nonroot == IMAGE_NO);
    return root ? STR("/") : STR_NONE;
}

/* Relative destinations are resolved when one working directory holds for all of the image. */
static struct str sole_workdir(const struct build *build)
{
    const struct dockerfile_value *workdir = &build->final->workdir;
    size_t count = count_workdirs(build);
    if (count == 0 && workdir->state == DOCKERFILE_STATE_ABSENT)
        return base_workdir(build);
    bool known = workdir->state == DOCKERFILE_STATE_KNOWN || workdir->state == DOCKERFILE_STATE_INHERITED;
    return count == 1 && known && str_starts(workdir->text, STR("/")) ? workdir->text : STR_NONE;
}

struct str image_files_workdir(const struct image_files *files)
{
    const struct dockerfile_value *workdir = &files->build->final->workdir;
    if (workdir->state == DOCKERFILE_STATE_KNOWN || workdir->state == DOCKERFILE_STATE_INHERITED)
        return str_starts(workdir->text, STR("/")) ? workdir->text : STR_NONE;
    return workdir->state == DOCKERFILE_STATE_ABSENT ? base_workdir(files->build) : STR_NONE;
}

static bool says_folder(struct str path)
{
    return str_ends(path, STR("/")) || str_ends(path, STR("/.")) || str_eq_z(path, ".") || str_eq_z(path, "./");
}

static int add_copy(struct image_files *files, struct str *destinations, bool *folders, const struct copy_fact *copy,
                    struct arena *arena, struct err *err)
{
    struct buf path CLEANUP_BUF = BUF_INIT;
    struct str destination = copy->destination.value;
    struct str workdir = str_starts(destination, STR("/")) ? STR("/") : sole_workdir(files->build);
    if (!fact_said(&copy->destination.fact) || workdir.len == 0 || !path_normalize(&path, workdir, destination)) {
        files->hidden = &copy->destination;
        return 0;
    }
    size_t at = files->count++;
    destinations[at] = arena_buf(arena, &path);
    folders[at] = says_folder(destination) || copy->source_count > 1;
    files->copies[at] = copy;
    return destinations[at].ptr ? 0 : err_nomem(err);
}

int image_files_read(const struct build *build, struct arena *arena, struct image_files *ret_files, struct err *err)
{
    struct image_files files = {.build = build};
    struct str *destinations = ARENA_ARRAY(arena, build->copy_count + 1, struct str);
    bool *folders = ARENA_ARRAY(arena, build->copy_count + 1, bool);
    files.copies = ARENA_ARRAY(arena, build->copy_count + 1, const struct copy_fact *);
    files.destinations = destinations;
    files.folders = folders;
    if (!destinations || !folders || !files.copies)
        return err_nomem(err);
    for (size_t i = 0; i < build->run_count; i++)
        files.runs = files.runs || build->runs[i].ships;
    for (size_t i = 0; i < build->copy_count; i++)
        if (build->copies[i].ships && add_copy(&files, destinations, folders, &build->copies[i], arena, err) != 0)
            return -ERR_NOMEM;
    *ret_files = files;
    return 0;
}

bool image_files_copied(const struct image_files *files, struct str path)
{
    for (size_t i = 0; i < files->count; i++)
        if (path_is_below(path, files->destinations[i]))
            return true;
    return false;
}

bool image_files_may_hold(const struct image_files *files, struct str path)
{
    return files->hidden || image_files_copied(files, path);
}

static bool may_hold_in(const struct image_files *files, struct str directory, struct str program)
{
    for (size_t i = 0; i < files->count; i++) {
        struct str destination = files->destinations[i];
        if (path_is_below(directory, destination))
            return true;
        if (path_is_below(destination, directory) && str_eq(path_base(destination), program))
            return true;
    }
    return false;
}

bool image_files_may_find(const struct image_files *files, struct str program)
{
    struct str path = STR("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), directory;
    struct dockerfile_value set = dockerfile_stage_env(files->build->final, STR("PATH"));
    if (files->hidden || set.state == DOCKERFILE_STATE_UNKNOWN)
        return true;
    if (set.state != DOCKERFILE_STATE_ABSENT)
        path = set.text;
    while (str_next(&path, ':', &directory)) {
        struct str plain = directory;
        while (plain.len > 1 && plain.ptr[plain.len - 1] == '/')
            plain.len--;
        if (str_starts(plain, STR("/")) ? may_hold_in(files, plain, program) : true)
            return true;
    }
    return false;
}

bool image_files_bare(const struct image_files *files)
{
    const struct image_name *name = &files->build->final_fact->image_name;
    bool scratch = files->build->final->root->base == DOCKERFILE_BASE_SCRATCH;
    return (scratch || (name->kind == IMAGE_DISTROLESS && name->flavour)) && files->build->shell == IMAGE_NO &&
           !files->runs;
}

bool image_files_base_is_empty(const struct build *build)
{
    static const char *const flavours[] = {"static", "base-nossl", "base", "cc", NULL};
    const struct image_name *name = &build->final_fact->image_name;
    if (build->final->root->base == DOCKERFILE_BASE_SCRATCH)
        return true;
    return name->kind == IMAGE_DISTROLESS && name->flavour && is_any(str_z(name->flavour), flavours);
}
