/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/dockerfile_read.h"

static int expand(struct build_reading *reading, const struct build_step *step, const struct dockerfile_word *word,
                  struct fact_text *ret_text, struct err *err)
{
    struct dockerfile_expansion expansion;
    int r = dockerfile_expand_within(reading->file, step->position, word, &reading->budget, reading->arena, &expansion,
                                     err);
    if (r < 0)
        return r;
    *ret_text = build_text(reading, &expansion.value, build_place(reading, word->span));
    /* A trigger's variables are those of a scope that has no instruction of its own. */
    if (step->trigger && expansion.use_count > 0) {
        ret_text->fact.state = FACT_UNKNOWN;
        ret_text->value = word->text;
    }
    return 0;
}

static int read_flag(struct build_reading *reading, const struct build_step *step, const char *name,
                     struct fact_text *ret_text, struct err *err)
{
    const struct dockerfile_flag *flag = dockerfile_flag(step->instruction, name);
    *ret_text = (struct fact_text){.fact = {.at = build_place(reading, step->instruction->name.span)}};
    if (!flag || !flag->has_value)
        return 0;
    int r = expand(reading, step, &flag->value, ret_text, err);
    ret_text->fact.key = build_place(reading, flag->word.span);
    return r;
}

static bool starts_fold(struct str text, const char *prefix)
{
    struct str head = str_z(prefix);
    return text.len >= head.len && str_eq_fold(str_head(text, head.len), head);
}

static bool is_remote(struct str source)
{
    return starts_fold(source, "http://") || starts_fold(source, "https://") || starts_fold(source, "git://") ||
           starts_fold(source, "ssh://") || starts_fold(source, "git@");
}

/* Heredocs stand in the order of their words: *NEXT is the first one that was not met. */
static bool is_heredoc(const struct dockerfile_instruction *instruction, const struct dockerfile_word *word,
                       uint32_t *next)
{
    if (instruction->json || *next == instruction->heredoc_count ||
        instruction->heredocs[*next].word.span.offset != word->span.offset)
        return false;
    ++*next;
    return true;
}

static int read_sources(struct build_reading *reading, const struct build_step *step, struct copy_fact *copy,
                        struct copy_source *sources, struct err *err)
{
    const struct dockerfile_instruction *instruction = step->instruction;
    uint32_t count = instruction->args.count;
    if (count == 0)
        return 0;
    uint32_t heredoc = 0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        const struct dockerfile_word *word = &instruction->args.items[i];
        sources[i].heredoc = is_heredoc(instruction, word, &heredoc);
        int r = expand(reading, step, word, &sources[i].path, err);
        if (r < 0)
            return r;
        if (sources[i].heredoc) {
            sources[i].path.fact.state = FACT_KNOWN;
            sources[i].path.value = word->text;
        }
        sources[i].remote = copy->add && !sources[i].heredoc && is_remote(sources[i].path.value);
    }
    copy->sources = sources;
    copy->source_count = count - 1;
    return expand(reading, step, &instruction->args.items[count - 1], &copy->destination, err);
}

static int read_from(struct build_reading *reading, const struct build_step *step, struct copy_fact *copy,
                     struct err *err)
{
    int r = read_flag(reading, step, "from", &copy->from, err);
    if (r < 0 || !fact_said(&copy->from.fact))
        return r;
    copy->from_stage = dockerfile_stage_named(reading->file, copy->from.value, step->stage->index);
    return copy->from_stage ? 0 : image_name_read(copy->from.value, reading->arena, &copy->from_image, err);
}

/* --- what a source brings ----------------------------------------------------------------------------------- */

static struct str without_slashes(struct str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path = str_head(path, path.len - 1);
    return path;
}

/* A folder in which a shell would be found: the root, or one of programs. */
static bool holds_programs(struct str path)
{
    static const char *const folders[] = {"/", "/bin", "/usr", "/usr/bin", "/usr/local/bin", "/sbin", "/busybox"};
    if (str_ends(path, STR("/*")) || str_ends(path, STR("/.")))
        path = str_head(path, path.len - 1);
    path = without_slashes(path);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (str_eq_z(path, folders[i]))
            return true;
    return false;
}

/* A folder whose content lands in the destination, as far as its name tells. */
static bool is_tree(struct str path)
{
    static const char *const names[] = {".", "rootfs", "root", "fs", "chroot", "sysroot", "staging", "overlay"};
    struct str trimmed = without_slashes(path);
    struct str name = command_base_name(trimmed);
    if (path.len == 0 || trimmed.len < path.len || str_has_char(path, '*'))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
}

static bool is_archive(struct str path)
{
    static const char *const ends[] = {".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends(path, str_z(ends[i])))
            return true;
    return false;
}

static enum image_answer shell_of_origin(const struct build *build, const struct copy_fact *copy)
{
    if (copy->from_stage)
        return build->stages[copy->from_stage->index].image_name.shell;
    return fact_said(&copy->from.fact) ? copy->from_image.shell : IMAGE_MAYBE;
}

/* Paths of a stage or image start at its root, also relative ones. */
static bool is_whole(struct str path)
{
    while (str_starts(path, STR("/")) || str_starts(path, STR("./")))
        path = str_skip(path, 1);
    return path.len == 0 || str_eq_z(path, ".") || str_eq_z(path, "*");
}

/* "/usr/bin/sh", "/busybox/sh", "/sh": where programs are looked for, or might be. */
static bool is_program_path(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    struct str folder = str_head(path, slash);
    return slash < path.len && (folder.len == 0 || str_ends(folder, STR("bin")) || str_ends(folder, STR("busybox")));
}

/* A source whose own name is a shell's. */
static enum image_answer shell_by_name(const struct copy_fact *copy, struct str path)
{
    struct str destination = copy->destination.value;
    bool from_context = copy->from.fact.state == FACT_ABSENT;
    if (is_program_path(path) || holds_programs(destination) ||
        (is_program_path(destination) && command_is_shell(destination)))
        return IMAGE_YES;
    return from_context ? IMAGE_NO : copy->from_stage ? IMAGE_MAYBE : IMAGE_YES;
}

static enum image_answer shell_by_source(const struct build *build, const struct copy_fact *copy,
                                         const struct copy_source *source)
{
    struct str destination = copy->destination.value;
    struct str path = source->path.value;
    bool known = source->path.fact.state == FACT_KNOWN;
    bool from_context = copy->from.fact.state == FACT_ABSENT;
    if (known && !source->heredoc && command_is_shell(path))
        return shell_by_name(copy, path);
    if (copy->destination.fact.state != FACT_KNOWN)
        return IMAGE_NO;
    if (is_program_path(destination) && command_is_shell(destination))
        return IMAGE_YES;
    if (!holds_programs(destination) || source->heredoc)
        return IMAGE_NO;
    if (!known)
        return IMAGE_MAYBE;
    if (!from_context && holds_programs(path) && str_starts(path, STR("/")))
        return shell_of_origin(build, copy);
    bool unpacked = copy->add && !source->remote && is_archive(path);
    return unpacked || is_tree(path) ? IMAGE_MAYBE : IMAGE_NO;
}

static void weigh_sources(const struct build *build, struct copy_fact *copy, struct copy_source *sources)
{
    for (size_t i = 0; i < copy->source_count; i++) {
        bool known = sources[i].path.fact.state == FACT_KNOWN && !sources[i].heredoc && !sources[i].remote;
        sources[i].whole = known && is_whole(sources[i].path.value);
        sources[i].shell = shell_by_source(build, copy, &sources[i]);
    }
}

static int read_copy(struct build_reading *reading, const struct build_step *step, struct copy_fact *copy,
                     struct err *err)
{
    const struct dockerfile_instruction *instruction = step->instruction;
    copy->instruction = instruction;
    copy->position = step->position;
    copy->stage = step->stage;
    copy->at = build_place(reading, instruction->span);
    copy->add = instruction->kind == DOCKERFILE_ADD;
    copy->ships = build_stage_ships(reading->build, step->stage);
    copy->destination.fact.at = build_place(reading, instruction->rest.span);
    struct copy_source *sources = ARENA_ARRAY(reading->arena, instruction->args.count + 1, struct copy_source);
    if (!sources)
        return err_nomem(err);
    int r = read_sources(reading, step, copy, sources, err);
    if (r == 0)
        r = read_from(reading, step, copy, err);
    if (r == 0)
        r = read_flag(reading, step, "chown", &copy->chown, err);
    if (r == 0)
        r = read_flag(reading, step, "chmod", &copy->chmod, err);
    if (r == 0)
        r = read_flag(reading, step, "checksum", &copy->checksum, err);
    if (r == 0)
        weigh_sources(reading->build, copy, sources);
    return r;
}

static bool is_copy(const struct build_step *step)
{
    return step->instruction->kind == DOCKERFILE_COPY || step->instruction->kind == DOCKERFILE_ADD;
}

int build_read_copies(struct build_reading *reading, struct err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < reading->step_count; i++)
        count += is_copy(&reading->steps[i]);
    struct copy_fact *copies = ARENA_ARRAY(reading->arena, count + 1, struct copy_fact);
    if (!copies)
        return err_nomem(err);
    count = 0;
    for (size_t i = 0; i < reading->step_count; i++) {
        if (!is_copy(&reading->steps[i]))
            continue;
        int r = read_copy(reading, &reading->steps[i], &copies[count++], err);
        if (r < 0)
            return r;
    }
    reading->build->copies = copies;
    reading->build->copy_count = count;
    return 0;
}

void build_find_shell(struct build_reading *reading)
{
    struct build *build = reading->build;
    const struct stage_fact *final = build->final_fact;
    build->shell = fact_said(&final->image.fact) ? final->image_name.shell : IMAGE_MAYBE;
    build->shell_at = final->image_at;
    for (size_t i = 0; i < build->copy_count && build->shell != IMAGE_YES; i++) {
        const struct copy_fact *copy = &build->copies[i];
        for (size_t k = 0; k < copy->source_count && copy->ships; k++) {
            enum image_answer answer = copy->sources[k].shell;
            if (answer == IMAGE_NO || (answer == IMAGE_MAYBE && build->shell == IMAGE_MAYBE))
                continue;
            build->shell = answer;
            build->shell_at = copy->sources[k].path.fact.at;
            if (answer == IMAGE_YES)
                break;
        }
    }
}
