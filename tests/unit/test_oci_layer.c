/* SPDX-License-Identifier: Apache-2.0 */
#include "../lib/make_image.h"
#include "base/fault.h"
#include "oci/layer.h"

static const struct op_ctx no_ctx = {0};

/* "d bin|f bin/sh 0 x|l lib>usr/lib": the merged tree in short; a file with its layer and first byte. */
static const char *shown(struct bench *bench, const struct tree *tree, const struct str *layers)
{
    static const char types[] = "fdlhwo";
    const char *text = "";
    for (size_t i = 1; i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        const char *rest = "";
        if (node->type == TREE_FILE) {
            const struct oci_file *file = node->place;
            assert_non_null(file);
            assert_int_equal(file->size_bytes, node->size_bytes);
            struct str content = str_head(str_skip(layers[file->layer], file->offset_bytes), file->size_bytes);
            rest = arena_printf(&bench->arena, " %u %.*s", file->layer, STR_ARG(content));
        } else if (node->target.len > 0) {
            rest = arena_printf(&bench->arena, ">%.*s", STR_ARG(node->target));
        }
        text = arena_printf(&bench->arena, "%s%s%c %.*s%s", text, i > 1 ? "|" : "", types[node->type],
                            STR_ARG(node->path), rest);
    }
    return text;
}

static struct oci_image *open_layers(struct bench *bench, const struct str *layers, size_t count)
{
    struct oci_image *image = NULL;
    struct oci_image_name name = {OCI_TRANSPORT_LAYOUT, bench_path(bench, "l"), STR("")};
    bench_index(bench, "l", bench_image(bench, "l", "amd64", layers, count, ""));
    assert_int_equal(oci_image_open(&name, NULL, &bench->arena, &image, NULL), 0);
    return image;
}

static int merge(struct bench *bench, const struct str *layers, size_t count, const char **ret_shown, struct err *err)
{
    CLEANUP_OCI_IMAGE struct oci_image *image = open_layers(bench, layers, count);
    CLEANUP_TREE struct tree *tree = NULL;
    int r = oci_image_tree(image, 0, NULL, &no_ctx, &bench->arena, &tree, err);
    if (r == 0)
        *ret_shown = shown(bench, tree, layers);
    return r;
}

#define LAYERS(bench, lower, upper)                                                                                    \
    {                                                                                                                  \
        bench_tar(bench, lower, ARRAY_LEN(lower)), bench_tar(bench, upper, ARRAY_LEN(upper))                           \
    }

#define assert_merged(lower, upper, expected)                                                                          \
    do {                                                                                                               \
        struct bench bench_ = bench_new();                                                                             \
        const char *found_ = NULL;                                                                                     \
        struct str layers_[2] = LAYERS(&bench_, lower, upper);                                                         \
        assert_int_equal(merge(&bench_, layers_, 2, &found_, NULL), 0);                                                \
        assert_string_equal(found_, expected);                                                                         \
        bench_done(&bench_);                                                                                           \
    } while (0)

static void test_whiteouts(void **state)
{
    (void)state;
    const struct tree_node lower[] = {DIR_("a"), F("a/x", "x"), F("a/y", "y"), DIR_("b"), F("b/c/d", "d"), F("e", "e")};
    const struct tree_node upper[] = {F("a/.wh.x", ""),        F(".wh.b", ""),  F(".wh.nothing", ""),
                                      F("a/.wh..wh.plnk", ""), F("a/.wh.", ""), F("q/.wh.z", "")};
    assert_merged(lower, upper, "d a|f a/y 0 y|f e 0 e");
}

static void test_opaque_hides_below_only(void **state)
{
    (void)state;
    const struct tree_node lower[] = {DIR_("a"), F("a/x", "old"), F("a/d/y", "y"), F("b", "b")};
    /* The mark stands behind what it must not hide, and a whiteout in front of its own file. */
    const struct tree_node upper[] = {F("a/new", "n"), F("a/x", "new"), F("a/.wh..wh..opq", ""), F(".wh.b", ""),
                                      F("b", "B")};
    assert_merged(lower, upper, "d a|f a/new 1 n|f a/x 1 new|f b 1 B");
    const struct tree_node all[] = {F(".wh..wh..opq", ""), F("c", "c")};
    assert_merged(lower, all, "f c 1 c");
}

static void test_types_change(void **state)
{
    (void)state;
    const struct tree_node lower[] = {DIR_("a"),      F("a/x", "x"),          F("b", "b"),
                                      LINK("c", "a"), LINK("lib", "usr/lib"), F("usr/lib/libc", "c")};
    const struct tree_node upper[] = {F("a", "file"), DIR_("b"), F("b/y", "y"), F("c", "c"), F("lib/z", "z")};
    /* As in overlay file systems: the directory that "lib/z" implies hides the link. */
    assert_merged(lower, upper,
                  "f a 1 file|d b|f b/y 1 y|f c 1 c|d lib|f lib/z 1 z|d usr|d usr/lib|f usr/lib/libc 0 c");
}

static void test_links_of_the_same_layer_are_followed(void **state)
{
    (void)state;
    const struct tree_node lower[] = {DIR_("usr/lib"), LINK("lib", "usr/lib"), F("lib/x", "x")};
    const struct tree_node upper[] = {LINK("bin", "/usr/bin"), DIR_("usr/bin"), F("bin/sh", "s")};
    assert_merged(lower, upper,
                  "l bin>/usr/bin|l lib>usr/lib|d usr|d usr/bin|f usr/bin/sh 1 s|d usr/lib|f usr/lib/x 0 x");
}

static void test_hard_links_survive_their_file(void **state)
{
    (void)state;
    const struct tree_node lower[] = {F("a", "a"), HARD("b", "a"), HARD("c", "b")};
    const struct tree_node upper[] = {F(".wh.a", "")};
    assert_merged(lower, upper, "f b 0 a|h c>b");
    const struct tree_node replaced[] = {F("a", "A")};
    assert_merged(lower, replaced, "f a 1 A|f b 0 a|h c>b");
}

static void test_modes_and_owners(void **state)
{
    (void)state;
    struct tree_node lower[] = {DIR_("tmp"), F("f", "1")};
    struct tree_node upper[] = {DIR_("tmp"), DIR_("")};
    lower[0].mode = 01777;
    lower[1].uid = 7;
    upper[0].mode = 0700;
    upper[0].gid = 9;
    upper[1].mode = 0711;
    struct bench bench = bench_new();
    struct str layers[2] = LAYERS(&bench, lower, upper);
    struct tree *tree = NULL;
    struct oci_image *image = open_layers(&bench, layers, 2);
    assert_int_equal(oci_image_tree(image, OCI_TREE_DIGESTS, NULL, &no_ctx, &bench.arena, &tree, NULL), 0);
    assert_int_equal(tree_get(tree, STR(""))->mode, 0711);
    assert_int_equal(tree_get(tree, STR("tmp"))->mode, 0700);
    assert_int_equal(tree_get(tree, STR("tmp"))->gid, 9);
    assert_int_equal(tree_get(tree, STR("f"))->uid, 7);
    const struct oci_file *file = tree_get(tree, STR("f"))->place;
    struct digest digest = digest_of(DIGEST_SHA256, STR("1"));
    assert_true(file->has_sha256);
    assert_true(digest_eq(&file->sha256, &digest));
    tree_free(tree);
    oci_image_close(image);
    bench_done(&bench);
}

static void assert_refused(const struct tree_node *nodes, size_t count, enum err_code code, const char *message)
{
    struct bench bench = bench_new();
    const char *found = NULL;
    struct err err = ERR_INIT;
    struct str layer = bench_tar(&bench, nodes, count);
    assert_int_equal(merge(&bench, &layer, 1, &found, &err), -(int)code);
    assert_string_equal(err.message, message);
    bench_done(&bench);
}

static void test_refused(void **state)
{
    (void)state;
    const struct tree_node dangling[] = {HARD("a", "b")};
    assert_refused(dangling, 1, ERR_INVALID, "layer 1: the hard link 'a' leads to 'b', which no layer has");
    const struct tree_node nowhere[] = {LINK("a", "b"), F("a/x", "x")};
    assert_refused(nowhere, 2, ERR_INVALID, "layer 1: 'a/x' lies below the link 'a', which leads to no directory");
    const struct tree_node loop[] = {LINK("a", "a"), F("a/x", "x")};
    assert_refused(loop, 2, ERR_INVALID, "layer 1: 'a/x' lies below the link 'a', which leads to no directory");
    const struct tree_node below[] = {F("a/.wh.b/c", "x")};
    assert_refused(below, 1, ERR_INVALID, "layer entry 'a/.wh.b/c' lies below the name of a whiteout");
    const struct tree_node of_dir[] = {DIR_("d"), HARD("a", "d")};
    assert_refused(of_dir, 2, ERR_INVALID, "layer 1: hard link 'a' leads to 'd', which is no file");
}

/* ---- the visitor */

struct seen {
    struct buf text;
    size_t stop_at;
};

static int see(void *self, size_t layer, const struct tar_entry *entry, struct reader *content, struct err *err)
{
    struct seen *seen = self;
    char head[4];
    size_t got = 0;
    if (content) { /* only the beginning: the rest is passed over */
        int r = reader_read(content, head, 2, &got, err);
        if (r != 0)
            return r;
    }
    buf_addf(&seen->text, "%zu:%.*s=%.*s;", layer, STR_ARG(entry->node.path), (int)got, head);
    return seen->stop_at > 0 && --seen->stop_at == 0 ? err_set(err, ERR_CANCELLED, "enough") : 0;
}

static void test_visitor(void **state)
{
    (void)state;
    const struct tree_node lower[] = {DIR_("a"), F("a/x", "xyz"), F("b", "")};
    const struct tree_node upper[] = {F("a/.wh.x", ""), F("c", "c")};
    struct bench bench = bench_new();
    struct str layers[2] = LAYERS(&bench, lower, upper);
    struct seen seen = {.text = BUF_INIT};
    struct oci_layer_visitor visitor = {see, &seen};
    struct oci_image *image = open_layers(&bench, layers, 2);
    struct tree *tree = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(oci_image_visit(image, &visitor, &no_ctx, NULL), 0);
    assert_string_equal(seen.text.ptr, "0:a=;0:a/x=xy;0:b=;1:a/.wh.x=;1:c=c;");
    buf_reset(&seen.text);
    assert_int_equal(oci_image_tree(image, OCI_TREE_DIGESTS, &visitor, &no_ctx, &bench.arena, &tree, NULL), 0);
    assert_string_equal(seen.text.ptr, "0:a=;0:a/x=xy;0:b=;1:a/.wh.x=;1:c=c;");
    assert_string_equal(shown(&bench, tree, layers), "d a|f b 0 |f c 1 c");
    seen.stop_at = 2;
    assert_int_equal(oci_image_visit(image, &visitor, &no_ctx, &err), -ERR_CANCELLED);
    assert_string_equal(err.message, "enough");
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.cancelled = &cancelled};
    assert_int_equal(oci_image_visit(image, &visitor, &ctx, &err), -ERR_CANCELLED);
    buf_done(&seen.text);
    tree_free(tree);
    oci_image_close(image);
    bench_done(&bench);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    const struct tree_node lower[] = {DIR_("a"), F("a/x", "xyz"), HARD("h", "a/x"), LINK("l", "a"), F("l/y", "y")};
    const struct tree_node upper[] = {F("a/.wh.x", ""), F("c/.wh..wh..opq", ""), F("a/.wh..wh..opq", ""), F("c", "c")};
    struct bench bench = bench_new();
    struct str layers[2] = LAYERS(&bench, lower, upper);
    struct oci_image *image = open_layers(&bench, layers, 2);
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        CLEANUP_TREE struct tree *tree = NULL;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = oci_image_tree(image, OCI_TREE_DIGESTS, NULL, &no_ctx, &arena, &tree, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 10);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
        assert_null(tree);
    }
    oci_image_close(image);
    bench_done(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whiteouts),
        cmocka_unit_test(test_opaque_hides_below_only),
        cmocka_unit_test(test_types_change),
        cmocka_unit_test(test_links_of_the_same_layer_are_followed),
        cmocka_unit_test(test_hard_links_survive_their_file),
        cmocka_unit_test(test_modes_and_owners),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_visitor),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
