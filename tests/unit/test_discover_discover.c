/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/discover.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "io/file.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define POD     "apiVersion: v1\nkind: Pod\n"
#define SERVICE "services:\n  web:\n    image: a\n"
#define PARTIAL "services:\n  web:\n    user: '1'\n"

static char top[32];
static int top_fd = -1, back_fd = -1;

static int set_up(void **state)
{
    (void)state;
    strcpy(top, "/tmp/barehull-test-XXXXXX");
    back_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!mkdtemp(top) || chmod(top, 0755) < 0 || chdir(top) < 0)
        return -1;
    top_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return top_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    close(top_fd);
    int r = fchdir(back_fd);
    close(back_fd);
    return r < 0 ? r : file_remove_tree(AT_FDCWD, top, &err);
}

static void make(const char *path, const char *text)
{
    struct err err = ERR_INIT;
    CLEANUP_MEM char *copy = mem_dup(path, strlen(path));
    char *slash = strrchr(copy, '/');
    if (slash) {
        *slash = '\0';
        assert_int_equal(file_make_dirs(top_fd, copy, 0755, &err), 0);
    }
    if (!slash || slash[1])
        assert_int_equal(file_write_all(top_fd, path, 0644, str_z(text), &err), 0);
}

static struct discover_options options;

static void describe(struct buf *out, const struct check_input *input)
{
    static const char letters[] = {'D', 'C', 'K'};
    if (input->not_judged.len > 0)
        buf_addf(out, "%s%.*s: %.*s\n", input->template ? "template " : "not judged ", STR_ARG(input->name),
                 STR_ARG(input->not_judged));
    else if (input->skipped.len > 0)
        buf_addf(out, "skipped %.*s\n", STR_ARG(input->name));
    else
        buf_addf(out, "%c %.*s", letters[input->surface], STR_ARG(input->name));
    if (input->not_judged.len > 0 || input->skipped.len > 0)
        return;
    if (!str_eq(input->path, input->name))
        buf_addf(out, " (%.*s)", STR_ARG(input->path));
    for (size_t i = 0; i < input->override_count; i++)
        buf_addf(out, " %s %.*s", input->context ? "for" : "with", STR_ARG(input->overrides[i].name));
    buf_add_char(out, '\n');
}

/* What PATHS (words) lead to. */
static int find(const char *paths, struct buf *ret_out, struct err *err)
{
    const struct op_ctx ctx = {0};
    struct discover *discover = NULL;
    struct str words[8], rest = str_z(paths);
    size_t count = 0;
    while (count < ARRAY_LEN(words) && str_next_word(&rest, &words[count]))
        count++;
    int r = discover_paths(&ctx, words, count, &options, &discover, err);
    size_t found = 0;
    const struct check_input *inputs = r == 0 ? discover_inputs(discover, &found) : NULL;
    for (size_t i = 0; i < found; i++)
        describe(ret_out, &inputs[i]);
    discover_free(discover);
    return r;
}

static void finds(const char *paths, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(find(paths, &out, &err), 0);
    assert_string_equal(buf_z(&out), expected);
}

static void test_names(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    finds("", "");
    make("Dockerfile", "FROM scratch\n");
    make("a/pod.yaml", POD);
    make("a/values.yaml", "a: 1\n");
    make("a/package.json", "{\"name\":\"x\"}");
    make("a/pod.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}");
    make("a/Dockerfile.go", "package x\n");
    make("a/b/compose.yaml", SERVICE);
    make("stack.yml", SERVICE);
    finds("", "D Dockerfile\nC a/b/compose.yaml\nK a/pod.json\nK a/pod.yaml\n");
    finds(".", "D Dockerfile\nC a/b/compose.yaml\nK a/pod.json\nK a/pod.yaml\n");
    finds(".//a ././Dockerfile", "C a/b/compose.yaml\nK a/pod.json\nK a/pod.yaml\nD Dockerfile\n");
    finds("a//", "C a//b/compose.yaml (a/b/compose.yaml)\nK a//pod.json (a/pod.json)\nK a//pod.yaml (a/pod.yaml)\n");
    finds("a/../Dockerfile", "D a/../Dockerfile (Dockerfile)\n");
    finds("stack.yml a/values.yaml", "C stack.yml\nskipped a/values.yaml\n");
    finds("a/pod.yaml a ./a/pod.yaml", "K a/pod.yaml\nC a/b/compose.yaml\nK a/pod.json\n");
    finds("nosuch Dockerfile", "not judged nosuch: cannot open 'nosuch': No such file or directory\nD Dockerfile\n");
    char base[64];
    strcat(strcpy(base, top), "/a");
    options.base = str_z(base);
    finds("", "D Dockerfile (../Dockerfile)\nC a/b/compose.yaml (b/compose.yaml)\nK a/pod.json (pod.json)\n"
              "K a/pod.yaml (pod.yaml)\n");
    const struct str lines[] = {STR_INIT("/pod.*"), STR_INIT("!pod.json")};
    const struct rule_strings exclude = {lines, 2};
    options.exclude = &exclude;
    options.exclude_count = 1;
    finds("", "D Dockerfile (../Dockerfile)\nC a/b/compose.yaml (b/compose.yaml)\nK a/pod.json (pod.json)\n");
    finds("a/pod.yaml", "K a/pod.yaml (pod.yaml)\n");
    options = (struct discover_options){.as = LOOK_KUBERNETES, .list_skipped = true};
    finds("Dockerfile", "K Dockerfile\n");
    finds("a", "skipped a/Dockerfile.go\nC a/b/compose.yaml\nskipped a/package.json\nK a/pod.json\nK a/pod.yaml\n"
               "skipped a/values.yaml\n");
}

static void test_templates(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("c/Chart.yaml", "apiVersion: v2\nname: x\n");
    make("c/values.yaml", "a: 1\n");
    make("c/templates/a.yaml", "{{ include \"x\" . }}\n");
    make("c/templates/plain.yaml", POD);
    make("c/templates/_helpers.tpl", "{{ define \"x\" }}");
    make("c/templates/NOTES.txt", "{{ x }}");
    make("c/templates/tests/t.yaml", POD "spec: {{ toYaml .Values.x }}\n");
    make("t/Dockerfile.j2", "FROM {{ x }}\n");
    make("t/compose.yml.tmpl", "");
    make("t/app.conf.j2", "{{ x }}\n");
    make("t/pod.yaml.j2", POD);
    make("t/x.yaml.j2", "a: {{ x }}\n");
    make("t/pod.yaml", POD "metadata: {{ x }}\n");
    make("t/rules.yaml", POD "data:\n  x: |\n    {{ $labels.x }}\n");
    make("t/x.yaml", "a: {{ x }}\n");
#define HELM     "a Helm template: render it first (helm template) and check the result\n"
#define TEMPLATE "a template: render it first and check the result\n"
    finds("c",
          "template c/templates/a.yaml: " HELM "K c/templates/plain.yaml\ntemplate c/templates/tests/t.yaml: " HELM);
    finds("c/templates/tests", "template c/templates/tests/t.yaml: " HELM);
    finds("c/templates/a.yaml", "template c/templates/a.yaml: " HELM);
    finds("t", "template t/Dockerfile.j2: " TEMPLATE "template t/compose.yml.tmpl: " TEMPLATE
               "template t/pod.yaml: " TEMPLATE "template t/pod.yaml.j2: " TEMPLATE "K t/rules.yaml\n");
}

static void test_kustomize(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("k/base/kustomization.yaml", "resources: [pod.yaml]\n");
    make("k/base/pod.yaml", POD);
    make("k/prod/kustomization.yml", "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n"
                                     "resources: [../base, extra.yaml]\npatches:\n- path: ./patches/cpu.yaml\n"
                                     "- patch: |-\n    kind: Pod\n- {path: user.yaml, target: {kind: Pod}}\n"
                                     "patchesStrategicMerge:\n- merge.yaml\n- |-\n  kind: Pod\n"
                                     "patchesJson6902:\n- path: six.json\n- 7\n");
    make("k/prod/patches/cpu.yaml", POD);
    make("k/prod/patches/other.yaml", POD);
    make("k/prod/user.yaml", POD);
    make("k/prod/merge.yaml", POD);
    make("k/prod/extra.yaml", POD);
    make("k/prod/six.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}");
    make("k/bad/kustomization.yaml", "patches: [{path: pod.yaml\n");
    make("k/bad/pod.yaml", POD);
    make("k/odd/Kustomization",
         "patches: {path: pod.yaml}\npatchesStrategicMerge: [[pod.yaml], ../../../../../../../../x]\n");
    make("k/odd/pod.yaml", POD);
#define PATCH "a patch of a kustomization: build it first (kustomize build) and check the result\n"
    finds("k", "K k/bad/pod.yaml\nK k/base/pod.yaml\nK k/odd/pod.yaml\nK k/prod/extra.yaml\n"
               "template k/prod/merge.yaml: " PATCH "template k/prod/patches/cpu.yaml: " PATCH
               "K k/prod/patches/other.yaml\ntemplate k/prod/six.json: " PATCH "template k/prod/user.yaml: " PATCH);
    finds("k/prod/patches", "template k/prod/patches/cpu.yaml: " PATCH "K k/prod/patches/other.yaml\n");
    finds("k/prod/user.yaml", "template k/prod/user.yaml: " PATCH);
}

static void test_compose(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("a/compose.yaml", SERVICE);
    make("a/compose.override.yaml", PARTIAL);
    make("a/compose.prod.yaml", PARTIAL);
    make("a/compose.full.yaml", SERVICE);
    make("a/compose.notes.yaml", "a: 1\n");
    make("a/compose.pod.yaml", POD);
    make("b/docker-compose.yml", SERVICE);
    make("b/compose.yml", SERVICE);
    make("b/docker-compose.override.yml", PARTIAL);
    make("b/docker-compose-dev.yml", PARTIAL);
    make("c/docker-compose.yaml", SERVICE);
    make("c/compose.override.yml", PARTIAL);
    make("d/compose.prod.yaml", PARTIAL);
    make("e/compose.yaml", SERVICE);
    make("e/compose.override.yaml", PARTIAL);
    make("e/.gitignore", "*.override.*\n");
    make("f/tasks/compose.yml", "---\n- name: start it\n  command: docker compose up\n");
    finds("f/tasks/compose.yml", "C f/tasks/compose.yml\n");
    finds("a", "C a/compose.full.yaml\nK a/compose.pod.yaml\nC a/compose.yaml for a/compose.prod.yaml\n"
               "C a/compose.yaml with a/compose.override.yaml\n");
    finds("b", "C b/compose.yml\nC b/docker-compose.yml for b/docker-compose-dev.yml\n"
               "C b/docker-compose.yml with b/docker-compose.override.yml\n");
    finds("c d e f", "C c/docker-compose.yaml with c/compose.override.yml\nC d/compose.prod.yaml\nC e/compose.yaml\n");
    finds("a/compose.yaml", "C a/compose.yaml with a/compose.override.yaml\n");
    finds("a/compose.override.yaml", "C a/compose.yaml for a/compose.override.yaml\n");
    finds("a/compose.prod.yaml", "C a/compose.yaml for a/compose.prod.yaml\n");
    options.as = LOOK_COMPOSE;
    finds("a/compose.prod.yaml", "C a/compose.prod.yaml\n");
}

/* A manifest that is not read whole to see what it is, so that it is opened again. */
static void make_large(const char *path)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, POD "#");
    buf_add_fill(&text, '#', 10000);
    make(path, buf_z(&text));
}

static void test_reads(void **state)
{
    (void)state;
    const struct op_ctx ctx = {0};
    const struct str start[] = {STR_INIT("a")};
    options = (struct discover_options){.gitignore = true};
    make("a/Dockerfile", "FROM scratch\n");
    make("a/compose.yaml", SERVICE);
    make_large("a/x/pod.yaml");
    make_large("a/z.yaml");
    make("a/.env", "A=1\n");
    make("other.yaml", "x: 1\n");
    struct discover *discover = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(discover_paths(&ctx, start, 1, &options, &discover, &err), 0);
    size_t count;
    const struct check_input *inputs = discover_inputs(discover, &count);
    assert_int_equal(count, 4);
    struct str bytes;
    uint64_t offset;
    uint32_t line;
    for (int round = 0; round < 2; round++) { /* `done` begins afresh */
        assert_int_equal(inputs[0].next(inputs[0].self, &bytes, &offset, &line, &err), 0);
        assert_true(str_eq_z(bytes, "FROM scratch\n") && offset == 0 && line == 1);
        assert_int_equal(inputs[0].next(inputs[0].self, &bytes, &offset, &line, &err), 0);
        assert_null(bytes.ptr);
        inputs[0].done(inputs[0].self);
    }
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct compose_files *files = &inputs[1].compose_files;
    assert_int_equal(files->read(files->self, STR(".env"), &arena, &bytes, &err), 0);
    assert_true(str_eq_z(bytes, "A=1\n"));
    assert_int_equal(files->read(files->self, STR("../other.yaml"), &arena, &bytes, &err), 0);
    assert_true(str_eq_z(bytes, "x: 1\n"));
    assert_int_equal(files->read(files->self, STR("nosuch"), &arena, &bytes, &err), 0);
    assert_null(bytes.ptr);
    assert_int_equal(files->read(files->self, STR("x"), &arena, &bytes, &err), -ERR_INVALID);
    assert_int_equal(files->read(files->self, STR("/dev/zero"), &arena, &bytes, &err), -ERR_INVALID);

    /* A directory that becomes a link, a file that goes or becomes a FIFO: this file only. */
    assert_int_equal(renameat(top_fd, "a/x", top_fd, "moved"), 0);
    assert_int_equal(symlinkat("../moved", top_fd, "a/x"), 0);
    assert_int_equal(inputs[2].next(inputs[2].self, &bytes, &offset, &line, &err), -ERR_NOT_FOUND);
    assert_string_equal(err.message, "cannot open 'a/x/pod.yaml': Not a directory");
    assert_int_equal(unlinkat(top_fd, "a/z.yaml", 0), 0);
    assert_int_equal(inputs[3].next(inputs[3].self, &bytes, &offset, &line, &err), -ERR_NOT_FOUND);
    assert_int_equal(mkfifoat(top_fd, "a/z.yaml", 0644), 0);
    assert_int_equal(inputs[3].next(inputs[3].self, &bytes, &offset, &line, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'a/z.yaml' is not a regular file");
    discover_free(discover);
}

/* A small file that is gone was read already; once. */
static void test_kept(void **state)
{
    (void)state;
    const struct op_ctx ctx = {0};
    const struct str start[] = {STR_INIT("k")};
    options = (struct discover_options){.gitignore = true};
    make("k/compose.yaml", SERVICE);
    make("k/pod.yaml", POD);
    struct discover *discover = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(discover_paths(&ctx, start, 1, &options, &discover, &err), 0);
    assert_int_equal(unlinkat(top_fd, "k/compose.yaml", 0), 0);
    assert_int_equal(unlinkat(top_fd, "k/pod.yaml", 0), 0);
    size_t count;
    const struct check_input *inputs = discover_inputs(discover, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        struct str bytes;
        uint64_t offset;
        uint32_t line;
        assert_int_equal(inputs[i].next(inputs[i].self, &bytes, &offset, &line, &err), 0);
        assert_true(str_eq_z(bytes, i == 0 ? SERVICE : POD) && offset == 0 && line == 1);
        assert_int_equal(inputs[i].next(inputs[i].self, &bytes, &offset, &line, &err), 0);
        assert_null(bytes.ptr);
        inputs[i].done(inputs[i].self);
        assert_int_equal(inputs[i].next(inputs[i].self, &bytes, &offset, &line, &err), -ERR_NOT_FOUND);
    }
    discover_free(discover);
}

static void test_foreign(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("u/Dockerfile", "\xFF\xFE"
                         "F");
    assert_int_equal(mkfifoat(top_fd, "u/compose.yaml", 0644), 0);
    assert_int_equal(symlinkat("Dockerfile", top_fd, "u/Dockerfile.link"), 0);
    finds("u", "not judged u/Dockerfile: 'u/Dockerfile' is UTF-16 or UTF-32 text\n");
    finds("u/compose.yaml u/Dockerfile.link /dev/null",
          "not judged u/compose.yaml: 'u/compose.yaml' is a FIFO, not a regular file\n"
          "not judged u/Dockerfile.link: 'u/Dockerfile.link' is UTF-16 or UTF-32 text\n"
          "not judged /dev/null: '/dev/null' is a device, not a regular file\n");
    struct err err = ERR_INIT;
    make("v/", "");
    assert_int_equal(file_write_all(top_fd, "v/a.yaml", 0644, STR("a\0b"), &err), 0);
    assert_int_equal(file_write_all(top_fd, "v/b.yaml", 0644,
                                    STR("\xFF\xFE"
                                        "a\0p\0i\0V\0e\0r\0s\0i\0o\0n\0:\0\n\0k\0i\0n\0d\0:\0\n\0"),
                                    &err),
                     0);
    finds("v", "not judged v/b.yaml: 'v/b.yaml' is UTF-16 or UTF-32 text\n");
    make("w/Dockerfile", "");
    make("w/compose.yaml", "");
    make("w/pod.yaml", "");
    finds("w", "D w/Dockerfile\nC w/compose.yaml\n");
}

/* Hard links are files of their own, other names of one file are not. */
static void test_twice(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("a/Dockerfile", "FROM scratch\n");
    assert_int_equal(symlinkat("a", top_fd, "b"), 0);
    finds("a b a/Dockerfile b/Dockerfile", "D a/Dockerfile\n");
    assert_int_equal(linkat(top_fd, "a/Dockerfile", top_fd, "Dockerfile", 0), 0);
    finds("a . Dockerfile", "D a/Dockerfile\nD Dockerfile\n");
}

static void test_unreadable(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("Dockerfile", "FROM scratch\n");
    make("pod.yaml", POD);
    assert_int_equal(fchmodat(top_fd, "pod.yaml", 0, 0), 0);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        if (find("", &out, &err) != 0)
            _exit(3);
        _exit(strcmp(buf_z(&out), "D Dockerfile\nnot judged pod.yaml: cannot open 'pod.yaml': Permission denied\n") == 0
                  ? 0
                  : 4);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void stdin_is(const char *text, const char *expected)
{
    int ends[2], before = dup(0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    close(ends[1]);
    assert_int_equal(dup2(ends[0], 0), 0);
    close(ends[0]);
    const struct op_ctx ctx = {0};
    const struct str twice[] = {STR_INIT("-"), STR_INIT("-")};
    struct discover *discover = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(discover_paths(&ctx, twice, 2, &options, &discover, &err), 0);
    size_t count;
    const struct check_input *inputs = discover_inputs(discover, &count);
    assert_int_equal(count, 1);
    CLEANUP_BUF struct buf out = BUF_INIT;
    describe(&out, &inputs[0]);
    assert_string_equal(buf_z(&out), expected);
    struct str bytes = STR("");
    uint64_t offset;
    uint32_t line;
    if (inputs[0].next) {
        assert_int_equal(inputs[0].next(inputs[0].self, &bytes, &offset, &line, &err), 0);
        assert_true(str_eq_z(bytes, text));
    }
    discover_free(discover);
    assert_int_equal(dup2(before, 0), 0);
    close(before);
}

static void test_standard_input(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    stdin_is(POD, "K <stdin> (-)\n");
    stdin_is(SERVICE, "C <stdin> (-)\n");
    stdin_is("a: 1\n", "skipped <stdin>\n");
    stdin_is("a: {{ x }}\n", "skipped <stdin>\n");
    options.as = LOOK_DOCKERFILE;
    stdin_is("FROM scratch\n", "D <stdin> (-)\n");
}

static void test_fault(void **state)
{
    (void)state;
    options = (struct discover_options){.gitignore = true};
    make("Dockerfile", "FROM scratch\n");
    make("a/compose.yaml", SERVICE);
    make("a/compose.override.yaml", PARTIAL);
    make("a/compose.prod.yaml", PARTIAL);
    make("a/pod.yaml", POD);
    make(".gitignore", "x\n");
    for (int kind = FAULT_ALLOC; kind <= FAULT_IO; kind++) {
        bool fired = true;
        for (uint64_t n = 1; fired; n++) {
            CLEANUP_BUF struct buf out = BUF_INIT;
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            int r = find("a/pod.yaml .", &out, &err);
            fired = fault_count((enum fault_kind)kind) >= n;
            fault_disarm();
            if (kind == FAULT_ALLOC ? r != 0 && r != -ERR_NOMEM : r != 0)
                fail_msg("fault %llu: %s", (unsigned long long)n, err.message);
            assert_true(n < 2000);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names),      TEST(test_templates),      TEST(test_kustomize), TEST(test_compose),
        TEST(test_reads),      TEST(test_kept),           TEST(test_foreign),   TEST(test_twice),
        TEST(test_unreadable), TEST(test_standard_input), TEST(test_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
