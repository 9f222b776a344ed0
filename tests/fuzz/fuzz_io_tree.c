/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on a tree and on a naive model of it: a list of names, each with an inode. Three bytes are one operation
 * on a few dozen short paths.
 */
#include "base/path.h"
#include "io/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            abort();                                                                                                   \
    } while (0)

enum { NAMES_MAX = 512, CONTENTS = 256 };

struct name {
    char path[16];
    enum tree_type type; /* never a hard link: names share an inode */
    unsigned inode;
};

struct model {
    struct name names[NAMES_MAX];
    size_t count;
    unsigned inodes;
    unsigned content_of[65536]; /* inode to its content */
};

static const char contents[CONTENTS][1]; /* told apart by address */

static struct name *find(struct model *model, const char *path)
{
    for (size_t i = 0; i < model->count; i++)
        if (strcmp(model->names[i].path, path) == 0)
            return &model->names[i];
    return NULL;
}

static struct name *must_find(struct model *model, const char *path)
{
    struct name *name = find(model, path);
    REQUIRE(name);
    return name;
}

static void drop(struct model *model, const char *path, bool itself)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        struct str at = str_z(model->names[i].path);
        bool below = path_is_below(at, str_z(path)) && at.len > strlen(path);
        if (!below && !(itself && at.len && strcmp(at.ptr, path) == 0))
            model->names[kept++] = model->names[i];
    }
    model->count = kept;
}

/* False when something above is no directory. */
static bool make_parents(struct model *model, const char *path)
{
    char above[16];
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 1; path[i]; i++) {
            if (path[i] != '/')
                continue;
            snprintf(above, sizeof(above), "%.*s", (int)i, path);
            struct name *name = find(model, above);
            if (name && name->type != TREE_DIR)
                return false;
            if (!name && pass) {
                name = &model->names[model->count++];
                strcpy(name->path, above);
                name->type = TREE_DIR;
                name->inode = model->inodes++;
            }
        }
    }
    return true;
}

static void set(struct model *model, const char *path, enum tree_type type, unsigned inode)
{
    if (type != TREE_DIR)
        drop(model, path, false);
    struct name *name = find(model, path);
    if (!name) {
        name = &model->names[model->count++];
        strcpy(name->path, path);
    }
    name->type = type;
    name->inode = inode;
}

/* "a" to "d", up to three deep. */
static void choose_path(uint8_t byte, char path[16])
{
    size_t depth = 1 + (byte >> 6) % 3;
    size_t len = 0;
    for (size_t i = 0; i < depth; i++, byte >>= 2) {
        if (i)
            path[len++] = '/';
        path[len++] = (char)('a' + (byte & 3));
    }
    path[len] = '\0';
}

static void put(struct model *model, struct tree *tree, const char *path, enum tree_type type, uint8_t content)
{
    struct tree_node node = {.path = str_z(path), .type = type, .mode = 0755};
    if (type == TREE_FILE)
        node.content = str_of(contents[content], 1);
    if (type == TREE_SYMLINK)
        node.target = STR("a/b");
    const struct tree_node *before = tree_get(tree, str_z(path));
    bool itself = before && before->type == TREE_FILE && type == TREE_FILE && before->content.ptr == node.content.ptr;
    int rc = tree_put(tree, &node, NULL);
    bool possible = make_parents(model, path);
    REQUIRE((rc == 0) == possible);
    if (!possible || itself) /* a file over itself keeps its links */
        return;
    model->content_of[model->inodes] = type == TREE_FILE ? content : 1000;
    set(model, path, type, model->inodes++);
}

static void put_hard(struct model *model, struct tree *tree, const char *path, const char *target)
{
    struct name *file = find(model, target);
    if (!file)
        return; /* links that wait for their file: test_io_tree.c */
    struct tree_node node = {.path = str_z(path), .type = TREE_HARDLINK, .target = str_z(target)};
    struct name *old = find(model, path);
    bool is_self = old && old->inode == file->inode && old->type != TREE_DIR;
    bool below = path_is_below(str_z(target), str_z(path)) && strcmp(path, target) != 0;
    if (below || path_is_below(str_z(path), str_z(target)))
        return;
    bool possible = file->type != TREE_DIR && (is_self || make_parents(model, path));
    int rc = tree_put(tree, &node, NULL);
    REQUIRE((rc == 0) == possible);
    if (possible && !is_self)
        set(model, path, must_find(model, target)->type, must_find(model, target)->inode);
}

static void compare(struct model *model, struct tree *tree)
{
    REQUIRE(tree_count(tree) == model->count + 1);
    for (size_t i = 1; i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        REQUIRE(str_cmp(tree_at(tree, i - 1)->path, node->path) < 0);
        const struct name *name = find(model, node->path.ptr);
        const struct tree_node *file = tree_link_file(node);
        REQUIRE(name && file && file->type == name->type);
        if (file->type == TREE_FILE)
            REQUIRE(file->content.ptr == contents[model->content_of[name->inode]]);
        const struct tree_node *first = tree_first_link(node);
        REQUIRE(tree_link_file(first) == file && str_cmp(first->path, node->path) <= 0);
        REQUIRE(must_find(model, first->path.ptr)->inode == name->inode);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 3000)
        return 0;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct err err = ERR_INIT;
    struct model *model = calloc(1, sizeof(*model));
    REQUIRE(model && tree_new(&arena, &tree, &err) == 0);
    for (size_t i = 0; i + 3 <= size; i += 3) {
        char path[16], other[16];
        choose_path(data[i + 1], path);
        choose_path(data[i + 2], other);
        switch (data[i] % 8) {
        case 0:
        case 1:
            put(model, tree, path, TREE_FILE, data[i + 2]);
            break;
        case 2:
            put(model, tree, path, TREE_DIR, 0);
            break;
        case 3:
            put(model, tree, path, TREE_SYMLINK, 0);
            break;
        case 4:
        case 5:
            put_hard(model, tree, path, other);
            break;
        case 6:
            tree_remove(tree, str_z(path));
            drop(model, path, true);
            break;
        default:
            compare(model, tree);
            (void)tree_lookup(tree, str_z(path));
            break;
        }
    }
    compare(model, tree);
    free(model);
    return 0;
}
