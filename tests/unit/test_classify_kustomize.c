/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "classify/kustomize.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --- a tree of files in memory --------------------------------------------------------------------------------- */

struct file {
    const char *path, *text;
};
struct tree {
    const struct file *files;
    size_t count;
    unsigned reads; /* that found something */
};

static const struct file *file_at(const struct tree *tree, struct str directory, const char *name)
{
    char path[4096];
    int len = snprintf(path, sizeof(path), "%.*s/%s", STR_ARG(directory), name);
    for (size_t i = 0; len > 0 && i < tree->count; i++)
        if (strcmp(tree->files[i].path, path) == 0)
            return &tree->files[i];
    return NULL;
}

static bool tree_has(void *self, struct str directory, const char *name)
{
    return file_at(self, directory, name) != NULL;
}

static int tree_read(void *self, struct str directory, const char *name, size_t limit_bytes, struct buf *bytes,
                     struct err *err)
{
    struct tree *tree = self;
    const struct file *file = file_at(tree, directory, name);
    if (!file || strlen(file->text) > limit_bytes)
        return err_set(err, ERR_NOT_FOUND, "there is no '%s'", name);
    tree->reads++;
    buf_add_z(bytes, file->text);
    return buf_check(bytes, err);
}

/* --- questions ------------------------------------------------------------------------------------------------- */

static struct arena arena;
static struct kustomize kustomize;
static struct tree tree;

static void begin(const struct file *files, size_t count)
{
    kustomize_done(&kustomize);
    arena_done(&arena);
    kustomize = (struct kustomize){0};
    tree = (struct tree){files, count, 0};
}

static int teardown(void **state)
{
    (void)state;
    begin(NULL, 0);
    return 0;
}

/* "file: name newName newTag digest" of each entry that holds, and "patch". */
static const char *ask(const char *path)
{
    const struct surroundings around = {tree_has, tree_read, &tree};
    struct kustomized said;
    struct err err = ERR_INIT;
    if (kustomize_ask(&kustomize, &around, &arena, str_z(path), &said, &err) != 0)
        fail_msg("%s", err.message);
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, said.patch ? "patch\n" : "");
    for (size_t i = 0; i < said.images.count; i++) {
        const struct image_override *image = &said.images.items[i];
        buf_addf(&text, "%.*s: %.*s|%.*s|%.*s|%.*s", STR_ARG(image->file), STR_ARG(image->name),
                 STR_ARG(image->new_name), STR_ARG(image->new_tag), STR_ARG(image->digest));
        if (image->waived.len)
            buf_addf(&text, " <%.*s: %.*s>", STR_ARG(image->waived), STR_ARG(image->waived_why));
        buf_add_z(&text, "\n");
    }
    return arena_printf(&arena, "%.*s", STR_ARG(buf_str(&text)));
}

static void test_listed(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/k8s/kustomization.yaml",
         "resources:\n- pod.yaml\n- ./more/web.json\n- https://e.example/x.yaml\n- ''\n"
         "images:\n"
         "- {name: web, newName: r.example/web, newTag: 1.2, digest: 'sha256:" HEX "'}\n"
         "- name: db\n  newTag: '16'\n- {newTag: nobody}\n- 7\n- {name: bare, newTag: []}\n"},
    };
    begin(files, ARRAY_LEN(files));
    static const char all[] = "k8s/kustomization.yaml: web|r.example/web|1.2|sha256:" HEX "\n"
                              "k8s/kustomization.yaml: db||16|\nk8s/kustomization.yaml: bare|||\n";
    assert_string_equal(ask("/a/k8s/pod.yaml"), all);
    assert_string_equal(ask("/a/k8s/more/web.json"), all);
    assert_string_equal(ask("/a/k8s/other.yaml"), "");
    assert_string_equal(ask("/a/pod.yaml"), "");
    assert_string_equal(ask("pod.yaml"), "");
    assert_string_equal(ask(""), "");
    assert_string_equal(ask("-"), "");
    assert_int_equal(tree.reads, 1);
}

/* On an entry's lines or above it; of others' kinds, and behind the last entry, it is nobody's. */
static void test_exceptions(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/kustomization.yaml",
         "# barehull: allow pinned-image -- of the file, which is nobody's\n"
         "resources: [pod.yaml]\n"
         "images:\n"
         "# barehull: allow a -- above\n"
         "- name: one\n  newTag: '1'\n"
         "- name: two # a name\n  newTag: '2' # barehull: allow pinned-image, b -- so -- it is\n"
         "- name: three # barehull: allow c\n  # barehull: allow c -- inside\n  newTag: '3'\n"
         "- name: four\n  digest: x\n"
         "- {name: five, newTag: '5'} # barehull: allow e -- five\n"
         "# barehull: allow z -- below\n"},
    };
    begin(files, ARRAY_LEN(files));
    assert_string_equal(ask("/a/pod.yaml"), "a/kustomization.yaml: one||1| <a: above>\n"
                                            "a/kustomization.yaml: two||2| <pinned-image, b: so -- it is>\n"
                                            "a/kustomization.yaml: three||3| <c: inside>\n"
                                            "a/kustomization.yaml: four|||x\n"
                                            "a/kustomization.yaml: five||5| <e: five>\n");
}

/* The file's own comes first, then whoever lists that, outermost last. */
static void test_bases(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/kustomization.yml", "resources: [deploy]\nimages: [{name: b, digest: outer}]"},
        {"/a/deploy/Kustomization", "bases: [base/, ../elsewhere]\nimages: [{name: a, newName: b}]"},
        {"/a/deploy/base/kustomization.yaml", "resources: [pod.yaml]\nimages: [{name: x, newName: a}]"},
        {"/a/elsewhere/kustomization.yaml", "resources: [e.yaml]"},
        {"/a/over/kustomization.yaml", "resources: [../deploy]\nimages: [{name: x, newName: unseen}]"},
    };
    begin(files, ARRAY_LEN(files));
    assert_string_equal(
        ask("/a/deploy/base/pod.yaml"),
        "base/kustomization.yaml: x|a||\ndeploy/Kustomization: a|b||\na/kustomization.yml: b|||outer\n");
    assert_string_equal(ask("/a/elsewhere/e.yaml"), "deploy/Kustomization: a|b||\na/kustomization.yml: b|||outer\n");
    assert_string_equal(ask("/a/over/x.yaml"), "");
}

static void test_components(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/kustomization.yaml", "resources: [pod.yaml]\ncomponents: [one, two]\nimages: [{name: own, newTag: '1'}]"},
        {"/a/one/kustomization.yaml", "kind: Component\nresources: [c.yaml]\ncomponents: [deep]\n"
                                      "images: [{name: one, newTag: '1'}]"},
        {"/a/one/deep/kustomization.yaml", "kind: Component\nimages: [{name: deep, newTag: '1'}]"},
        {"/a/two/kustomization.yaml", "kind: Component\nimages: [{name: two, newTag: '1'}]"},
    };
    begin(files, ARRAY_LEN(files));
    static const char all[] = "deep/kustomization.yaml: deep||1|\none/kustomization.yaml: one||1|\n"
                              "two/kustomization.yaml: two||1|\na/kustomization.yaml: own||1|\n";
    assert_string_equal(ask("/a/pod.yaml"), all);
    assert_string_equal(ask("/a/one/c.yaml"), all);
}

static void test_patches(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/kustomization.yaml", "resources: [pod.yaml]\npatches: [{path: p/cpu.yaml}, {patch: 'kind: Pod'}]\n"
                                  "images: [{name: a, newTag: '1'}]"},
    };
    begin(files, ARRAY_LEN(files));
    assert_string_equal(ask("/a/p/cpu.yaml"), "patch\n");
    assert_string_equal(ask("/a/pod.yaml"), "a/kustomization.yaml: a||1|\n");
}

/* Circles, what is broken, and what is far away. */
static void test_ugly(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/kustomization.yaml", "resources: [b, ., pod.yaml]\nimages: [{name: a, newTag: '1'}]"},
        {"/a/b/kustomization.yaml", "resources: [.., b.yaml]\ncomponents: [..]\nimages: [{name: b, newTag: '1'}]"},
        {"/bad/kustomization.yaml", "resources: [pod.yaml\n"},
        {"/odd/kustomization.yaml", "resources: {pod.yaml: 1}\nimages: {name: a}\ncomponents: x\n"},
        {"/list/kustomization.yaml", "[pod.yaml]"},
        {"/empty/kustomization.yaml", ""},
        {"/far/kustomization.yaml", "resources: [1/2/3/pod.yaml, 1/2/3/4/pod.yaml]\nimages: [{name: a, newTag: '1'}]"},
        {"/root/kustomization.yaml", "resources: [../../../../../../pod.yaml]\nimages: [{name: a, newTag: '1'}]"},
    };
    begin(files, ARRAY_LEN(files));
    assert_string_equal(ask("/a/pod.yaml"), "a/kustomization.yaml: a||1|\n");
    assert_string_equal(ask("/a/b/b.yaml"), "a/kustomization.yaml: a||1|\nb/kustomization.yaml: b||1|\n");
    assert_string_equal(ask("/bad/pod.yaml"), "");
    assert_string_equal(ask("/odd/pod.yaml"), "");
    assert_string_equal(ask("/list/pod.yaml"), "");
    assert_string_equal(ask("/empty/pod.yaml"), "");
    assert_string_equal(ask("/far/1/2/3/pod.yaml"), "far/kustomization.yaml: a||1|\n");
    assert_string_equal(ask("/far/1/2/3/4/pod.yaml"), "");
    assert_string_equal(ask("/pod.yaml"), "");
}

static void test_depth(void **state)
{
    (void)state;
    struct file files[LIMIT_DISCOVER_KUSTOMIZE_DEPTH + 2];
    begin(NULL, 0);
    for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
        files[i].path = arena_printf(&arena, "/d%u/kustomization.yaml", i);
        files[i].text =
            arena_printf(&arena, "resources: [../d%u, pod.yaml]\nimages: [{name: a, newTag: 'v%u'}]", i + 1, i);
    }
    tree = (struct tree){files, ARRAY_LEN(files), 0};
    assert_string_equal(ask("/d3/pod.yaml"), "d3/kustomization.yaml: a||v3|\n");
    assert_true(tree.reads <= LIMIT_DISCOVER_KUSTOMIZE_DEPTH);
}

static void test_limits(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "resources: [pod.yaml, pad.yaml]\nimages:\n");
    for (unsigned i = 0; i < LIMIT_DISCOVER_KUSTOMIZE_IMAGES + 10; i++)
        buf_addf(&text, "- {name: web%u}\n", i);
    const struct file files[] = {{"/a/kustomization.yaml", buf_z(&text)}};
    begin(files, ARRAY_LEN(files));
    const struct surroundings around = {tree_has, tree_read, &tree};
    struct kustomized said, other;
    assert_int_equal(kustomize_ask(&kustomize, &around, &arena, STR("/a/pod.yaml"), &said, NULL), 0);
    assert_int_equal(said.images.count, LIMIT_DISCOVER_KUSTOMIZE_IMAGES);
    assert_int_equal(kustomize_ask(&kustomize, &around, &arena, STR("/a/pad.yaml"), &other, NULL), 0);
    assert_ptr_equal(said.images.items, other.images.items);
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"/a/kustomization.yaml", "resources: [b]\ncomponents: [c]\nimages: [{name: a, newTag: '1'}]\n"
                                  "patches: [{path: p.yaml}]"},
        {"/a/b/kustomization.yaml", "resources: [pod.yaml]\nimages: [{name: b, newName: a}]"},
        {"/a/c/kustomization.yaml", "kind: Component\nimages: [{name: c, newName: a}]"},
    };
    const struct surroundings around = {tree_has, tree_read, &tree};
    bool passed = false;
    for (uint64_t n = 1; !passed; n++) {
        begin(files, ARRAY_LEN(files));
        struct kustomized said;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = kustomize_ask(&kustomize, &around, &arena, STR("/a/b/pod.yaml"), &said, &err);
        bool fired = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        passed = !fired;
        if (passed)
            assert_int_equal(said.images.count, 3);
        assert_int_equal(r, passed ? 0 : -ERR_NOMEM);
        assert_true(n < 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_listed),
        cmocka_unit_test(test_bases),
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_patches),
        cmocka_unit_test(test_ugly),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
