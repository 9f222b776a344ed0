/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/closure.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "elf/symbols.h"
#include "elf/versions.h"

struct elf_closure {
    struct elf_search search;
    struct elf_provider provider;
    struct arena *arena;
    VEC(struct elf_object *)
    objects;
    VEC(struct elf_unresolved) unresolved;
    struct map names;      /* needed name, SONAME or path -> object; the first that took a name keeps it */
    struct map files;      /* real path -> object */
    size_t scanned;        /* objects whose needed libraries are resolved */
    struct elf_file first; /* the machine that the others must have */
    bool has_first;
};

int elf_closure_new(const struct elf_search *search, const struct elf_provider *provider, struct arena *arena,
                    struct elf_closure **ret, struct err *err)
{
    struct elf_closure *closure = mem_calloc(1, sizeof(*closure));
    if (!closure)
        return err_nomem(err);
    closure->search = *search;
    closure->provider = *provider;
    closure->arena = arena;
    *ret = closure;
    return 0;
}

void elf_closure_free(struct elf_closure *closure)
{
    if (!closure)
        return;
    VEC_DONE(&closure->objects);
    VEC_DONE(&closure->unresolved);
    map_done(&closure->names);
    map_done(&closure->files);
    mem_free(closure);
}

void elf_closure_cleanup(struct elf_closure **closure)
{
    elf_closure_free(*closure);
    *closure = NULL;
}

/* The first object that takes a name keeps it, as in the loader's list. */
static bool claim(struct elf_closure *closure, struct str name, struct elf_object *object)
{
    if (name.len == 0)
        return true;
    void **slot = map_slot(&closure->names, name);
    if (!slot)
        return false;
    if (!*slot)
        *slot = object;
    return true;
}

static bool is_foreign(const struct elf_closure *closure, const struct elf_file *file)
{
    return closure->has_first && !elf_same_machine(&closure->first, file);
}

/* The file that CANDIDATE is, in the list; the same file again is the object that it was. */
static int append(struct elf_closure *closure, const struct elf_candidate *candidate, const struct elf_file *file,
                  const struct elf_object *like, struct elf_object **ret, struct err *err)
{
    struct str real = candidate->real_path.len ? candidate->real_path : candidate->path;
    struct elf_object *object = map_get(&closure->files, real);
    if (!object) {
        if (closure->objects.len >= LIMIT_CLOSURE_OBJECTS)
            return err_set(err, ERR_LIMIT, "a program of more than %d libraries", LIMIT_CLOSURE_OBJECTS);
        object = ARENA_NEW(closure->arena, struct elf_object);
        if (!object)
            return err_nomem(err);
        *object = *like;
        object->file = file;
        object->as_requester.file = file;
        object->as_requester.path = candidate->path;
        object->real_path = real;
        object->tag = candidate->tag;
        if (!map_set(&closure->files, real, object) || !VEC_PUSH(&closure->objects, object))
            return err_nomem(err);
        /* musl knows its libraries only by the names that it searched for. */
        struct str soname = closure->search.style == ELF_SEARCH_MUSL ? STR_NONE : file->soname;
        if (!claim(closure, candidate->path, object) || !claim(closure, soname, object))
            return err_nomem(err);
    }
    if (!claim(closure, like->name, object))
        return err_nomem(err);
    *ret = object;
    return 0;
}

/* What came of the search for one name. */
struct outcome {
    struct elf_object *object;
    enum elf_unresolved_reason reason;
    struct str path, detail;
    bool stopped; /* a candidate that is no ELF file: the loader gives up */
};

/* Reads a candidate's bytes. A damaged or foreign one is an outcome, no failure. */
static int take(struct elf_closure *closure, const struct elf_candidate *candidate, const struct elf_object *like,
                struct outcome *outcome, struct err *err)
{
    struct elf_file *file = ARENA_NEW(closure->arena, struct elf_file);
    if (!file)
        return err_nomem(err);
    struct err why = ERR_INIT;
    int r = elf_read(candidate->bytes, closure->arena, file, &why);
    if (r == -ERR_NOMEM)
        return err_nomem(err);
    if (!r && is_foreign(closure, file)) {
        if (outcome->path.len == 0) {
            outcome->reason = ELF_UNRESOLVED_FOREIGN;
            outcome->path = candidate->path;
        }
        return 0;
    }
    const char *detail = NULL;
    if (r)
        detail = why.message;
    else if (file->type != ELF_TYPE_LIBRARY && !elf_is_program(file))
        detail = "it is neither a shared library nor a program";
    if (detail) {
        outcome->stopped = true;
        outcome->reason = ELF_UNRESOLVED_BROKEN;
        outcome->path = candidate->path;
        outcome->detail = arena_str(closure->arena, str_z(detail));
        return outcome->detail.ptr ? 0 : err_nomem(err);
    }
    return append(closure, candidate, file, like, &outcome->object, err);
}

/* PATH without "..", where the provider doesn't take it as the kernel does. */
static int provider_path(struct elf_closure *closure, struct str path, struct str *ret, struct err *err)
{
    struct buf normal CLEANUP_BUF = BUF_INIT;
    *ret = path;
    if (closure->provider.resolves_parents || str_find(path, STR("/..")) == path.len)
        return 0;
    if (!path_normalize(&normal, STR("/"), path))
        return err_set(err, ERR_INTERNAL, "a path in no order");
    *ret = arena_buf(closure->arena, &normal);
    return normal.failed || !ret->ptr ? err_nomem(err) : 0;
}

static int try_path(struct elf_closure *closure, struct str path, const struct elf_object *like,
                    struct outcome *outcome, struct err *err)
{
    struct elf_candidate candidate = {0};
    bool found = false;
    int r = provider_path(closure, path, &candidate.path, err);
    if (r)
        return r;
    outcome->object = map_get(&closure->files, candidate.path);
    if (outcome->object)
        return claim(closure, like->name, outcome->object) ? 0 : err_nomem(err);
    r = closure->provider.open(closure->provider.self, candidate.path, &candidate, &found, err);
    if (r || !found)
        return r;
    return take(closure, &candidate, like, outcome, err);
}

/* PATH with /bin, /sbin, /lib* moved below /usr, for comparing paths of merged and unmerged trees. */
static struct str merged(struct str path)
{
    return str_starts(path, STR("/usr/")) ? str_skip(path, 4) : path;
}

static bool lies_in(const struct elf_paths *candidates, struct str path)
{
    for (size_t i = 0; i < candidates->len; i++)
        if (str_eq(merged(candidates->ptr[i]), merged(path)))
            return true;
    return false;
}

static int ask_elsewhere(struct elf_closure *closure, const struct elf_paths *candidates, struct elf_object *like,
                         struct outcome *outcome, struct err *err)
{
    struct elf_candidate candidate = {0};
    bool found = false;
    if (!closure->provider.missing)
        return 0;
    int r = closure->provider.missing(closure->provider.self, like->name, like->needed_by, &candidate, &found, err);
    if (r || !found)
        return r;
    like->supplied = true;
    like->outside_search = !lies_in(candidates, candidate.path);
    return take(closure, &candidate, like, outcome, err);
}

/* Looks for LIKE->name at CANDIDATES, then elsewhere. */
static int resolve(struct elf_closure *closure, const struct elf_paths *candidates, struct elf_object *like,
                   struct outcome *outcome, struct err *err)
{
    for (size_t i = 0; i < candidates->len && !outcome->stopped; i++) {
        int r = try_path(closure, candidates->ptr[i], like, outcome, err);
        if (r || outcome->object)
            return r;
    }
    return outcome->stopped ? 0 : ask_elsewhere(closure, candidates, like, outcome, err);
}

static int note_unresolved(struct elf_closure *closure, const struct elf_object *like, const struct outcome *outcome,
                           bool optional, struct err *err)
{
    struct elf_unresolved *unresolved = VEC_ADD(&closure->unresolved);
    if (!unresolved)
        return err_nomem(err);
    *unresolved = (struct elf_unresolved){.name = like->name,
                                          .needed_by = like->needed_by,
                                          .reason = outcome->reason,
                                          .path = outcome->path,
                                          .detail = outcome->detail,
                                          .optional = optional};
    return 0;
}

/* musl's loader is its C library, under all these names. */
static bool is_musl_itself(struct str name)
{
    static const struct str parts[] = {STR_INIT("libc."),   STR_INIT("libpthread."), STR_INIT("librt."),
                                       STR_INIT("libm."),   STR_INIT("libdl."),      STR_INIT("libutil."),
                                       STR_INIT("libxnet.")};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_starts(name, parts[i]))
            return true;
    return false;
}

static struct elf_object *loaded(const struct elf_closure *closure, struct str name)
{
    struct elf_object *object = map_get(&closure->names, name);
    if (object || closure->search.style != ELF_SEARCH_MUSL || !is_musl_itself(name))
        return object;
    for (size_t i = 0; i < closure->objects.len; i++)
        if (closure->objects.ptr[i]->kind == ELF_OBJECT_INTERPRETER)
            return closure->objects.ptr[i];
    return NULL;
}

static int need(struct elf_closure *closure, struct elf_object *user, struct str name, bool optional,
                const struct elf_object **ret, struct err *err)
{
    *ret = loaded(closure, name);
    if (*ret)
        return 0;
    struct elf_paths candidates;
    struct outcome outcome = {0};
    struct elf_object like = {.name = name, .needed_by = user, .kind = ELF_OBJECT_LIBRARY};
    like.as_requester.loader = &user->as_requester;
    int r = elf_search_candidates(&closure->search, &user->as_requester, name, closure->arena, &candidates, err);
    if (!r)
        r = resolve(closure, &candidates, &like, &outcome, err);
    if (!r && !outcome.object)
        r = note_unresolved(closure, &like, &outcome, optional, err);
    *ret = outcome.object;
    return r;
}

static int scan(struct elf_closure *closure, struct elf_object *object, struct err *err)
{
    const struct elf_file *file = object->file;
    size_t count = file->needed_count + file->filter_count;
    struct elf_edge *edges = ARENA_ARRAY(closure->arena, count, struct elf_edge);
    if (!edges)
        return err_nomem(err);
    object->edges = edges;
    for (size_t i = 0; i < count; i++) {
        bool is_needed = i < file->needed_count;
        edges[i].name = is_needed ? file->needed[i] : file->filters[i - file->needed_count];
        int r = need(closure, object, edges[i].name, !is_needed, &edges[i].to, err);
        if (r)
            return r;
        object->edge_count = i + 1;
    }
    return 0;
}

static int scan_all(struct elf_closure *closure, struct err *err)
{
    while (closure->scanned < closure->objects.len) {
        struct elf_object *object = closure->objects.ptr[closure->scanned];
        int r = scan(closure, object, err);
        if (r)
            return r;
        closure->scanned++;
    }
    return 0;
}

static int add_interpreter(struct elf_closure *closure, struct elf_object *program, struct err *err)
{
    struct str path = program->file->interpreter;
    struct elf_object like = {.name = path, .needed_by = program, .kind = ELF_OBJECT_INTERPRETER};
    like.as_requester.loader = &program->as_requester;
    struct outcome outcome = {0};
    struct elf_paths candidates = {&path, 1};
    int r = path.ptr[0] == '/' ? resolve(closure, &candidates, &like, &outcome, err) : 0;
    if (!r && !outcome.object)
        r = note_unresolved(closure, &like, &outcome, false, err);
    return r;
}

static int check_root(struct elf_closure *closure, const struct elf_candidate *root, const struct elf_file *file,
                      struct err *err)
{
    char scratch[2][ELF_MACHINE_NAME_MAX];
    const struct elf_file *first = &closure->first;
    enum elf_machine wanted = closure->search.machine;
    if (wanted != ELF_MACHINE_UNKNOWN && file->machine != wanted)
        return err_set(err, ERR_ARCHITECTURE, "'%.*s' is for %s, not for %s", STR_ARG(root->path),
                       elf_machine_name(file->machine_code, file->is_64, file->is_big_endian, file->flags, scratch[0]),
                       elf_machine_info(wanted)->debian.ptr);
    if (is_foreign(closure, file))
        return err_set(
            err, ERR_ARCHITECTURE, "'%.*s' is for %s, but the program is for %s", STR_ARG(root->path),
            elf_machine_name(file->machine_code, file->is_64, file->is_big_endian, file->flags, scratch[0]),
            elf_machine_name(first->machine_code, first->is_64, first->is_big_endian, first->flags, scratch[1]));
    if (file->type != ELF_TYPE_LIBRARY && !elf_is_program(file))
        return err_set(err, ERR_ELF, "'%.*s' is not a program or a shared library: it is an ELF %s",
                       STR_ARG(root->path), elf_type_name(file->type));
    return 0;
}

/* The first root says for which machine and with which C library all this is. */
static void adopt(struct elf_closure *closure, const struct elf_file *file)
{
    if (closure->has_first)
        return;
    closure->first = *file;
    closure->has_first = true;
    if (closure->search.machine == ELF_MACHINE_UNKNOWN)
        closure->search.machine = file->machine;
    if (file->libc == ELF_LIBC_MUSL)
        closure->search.style = ELF_SEARCH_MUSL;
}

static int open_root(struct elf_closure *closure, const struct elf_candidate *root, struct elf_candidate *ret,
                     struct err *err)
{
    bool found = root->bytes.ptr != NULL;
    struct elf_candidate opened = *root;
    int r = found ? 0 : closure->provider.open(closure->provider.self, root->path, &opened, &found, err);
    if (r)
        return r;
    if (!found)
        return err_set(err, ERR_NOT_FOUND, "'%.*s' is not there", STR_ARG(root->path));
    *ret = opened;
    return 0;
}

int elf_closure_add(struct elf_closure *closure, const struct elf_candidate *root, enum elf_object_kind kind,
                    const struct elf_object **ret, struct err *err)
{
    struct elf_candidate candidate = {0};
    int r = open_root(closure, root, &candidate, err);
    struct elf_file *file = r ? NULL : ARENA_NEW(closure->arena, struct elf_file);
    if (!r && !file)
        r = err_nomem(err);
    if (r)
        return r;
    if (elf_read(candidate.bytes, closure->arena, file, err))
        return err_wrap(err, "'%.*s'", STR_ARG(root->path));
    r = check_root(closure, root, file, err);
    if (r)
        return r;
    adopt(closure, file);
    struct elf_object *object = NULL;
    struct elf_object like = {.name = candidate.path, .kind = kind};
    if (closure->objects.len) /* what a program opens by name inherits the program's RPATH */
        like.as_requester.loader = &closure->objects.ptr[0]->as_requester;
    size_t before = closure->objects.len;
    r = append(closure, &candidate, file, &like, &object, err);
    if (!r && closure->objects.len > before && kind == ELF_OBJECT_PROGRAM && file->interpreter.len)
        r = add_interpreter(closure, object, err);
    if (!r)
        r = scan_all(closure, err);
    if (!r && ret)
        *ret = object;
    return r;
}

size_t elf_closure_count(const struct elf_closure *closure)
{
    return closure->objects.len;
}

const struct elf_object *elf_closure_at(const struct elf_closure *closure, size_t index)
{
    return closure->objects.ptr[index];
}

const struct elf_object *elf_closure_find(const struct elf_closure *closure, struct str name)
{
    return loaded(closure, name);
}

size_t elf_closure_unresolved_count(const struct elf_closure *closure)
{
    return closure->unresolved.len;
}

const struct elf_unresolved *elf_closure_unresolved_at(const struct elf_closure *closure, size_t index)
{
    return &closure->unresolved.ptr[index];
}

/* Of a hostile object's many mismatches only the first are told with their symbol, for that costs a walk each. */
#define MISMATCHES_WITH_SYMBOL 64U

/* The mismatches of USER; written to OUT where there is room (ROOM), counted in any case. */
static size_t mismatches_of(const struct elf_closure *closure, const struct elf_object *user, struct elf_mismatch *out,
                            size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < user->file->need_count; i++) {
        const struct elf_need *need = &user->file->needs[i];
        const struct elf_object *provider = loaded(closure, need->library);
        if (!provider || need->weak || provider->file->definition_count == 0 ||
            elf_defines(provider->file, need->version))
            continue;
        if (count < room) {
            struct elf_mismatch *mismatch = &out[count];
            mismatch->user = user;
            mismatch->provider = provider;
            mismatch->need = need;
            if (count < MISMATCHES_WITH_SYMBOL)
                mismatch->symbol = elf_symbol_of_version(user->file, need, &mismatch->symbol_count);
            mismatch->best = elf_version_best(provider->file, elf_version_family(need->version));
        }
        count++;
    }
    return count;
}

int elf_closure_mismatches(struct elf_closure *closure, const struct elf_mismatch **ret, size_t *ret_count,
                           struct err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < closure->objects.len; i++)
        total += mismatches_of(closure, closure->objects.ptr[i], NULL, 0);
    struct elf_mismatch *found = ARENA_ARRAY(closure->arena, total, struct elf_mismatch);
    if (!found)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < closure->objects.len; i++)
        count += mismatches_of(closure, closure->objects.ptr[i], found + count, total - count);
    *ret = found;
    *ret_count = count;
    return 0;
}

void elf_closure_chain(struct buf *out, struct str name, const struct elf_object *needed_by)
{
    buf_add_str(out, name);
    for (const struct elf_object *up = needed_by; up; up = up->needed_by) {
        buf_add_z(out, ", needed by ");
        buf_add_str(out, up->needed_by ? up->name : up->as_requester.path);
    }
}

bool elf_closure_imports(const struct elf_closure *closure, struct str symbol)
{
    for (size_t i = 0; i < closure->objects.len; i++)
        if (elf_imports(closure->objects.ptr[i]->file, symbol))
            return true;
    return false;
}
