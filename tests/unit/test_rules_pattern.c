/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/pattern.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
    const char *pattern;
    const char *text;
    bool matches;
} texts[] = {
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "abc", true},
    {"*", "a/c", false},
    {"**", "a/b/c", true},
    {"a*c", "abbc", true},
    {"a*c", "ab/c", false},
    {"a**c", "ab/c", true},
    {"a**/x*z", "a/b/c/x1/z", false},
    {"a**/x*z", "a/b/x1/c/x2z", true},
    {"*/base/*", "registry.example/base/python:3.12", true},
    {"*/base/*", "registry.example/team/base/python", false},
    {"**/base/*", "registry.example/team/base/python", true},
    {"*a*b*", "xaxbx", true},
    {"*a*b*", "xbxax", false},
    {"a**b**c", "a/b/b", false},
    {"x***y", "x/y", true},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (pattern_match(str_z(texts[i].pattern), str_z(texts[i].text)) != texts[i].matches)
            fail_msg("'%s' and '%s'", texts[i].pattern, texts[i].text);
}

static const struct {
    const char *pattern;
    const char *image;
    bool matches;
} images[] = {
    {"python", "python:3.12", true},
    {"library/python", "python", true},
    {"docker.io/library/python", "python:3.12@sha256:" HEX, true},
    {"python:3.12", "python:3.12@sha256:" HEX, true},
    {"python:3.12", "python:3.13", false},
    {"python:3.*", "docker.io/library/python:3.13-slim", true},
    {"python", "registry.example/python", false},
    {"registry.example/base/*", "registry.example/base/python:3.12", true},
    {"registry.example/base/*", "registry.example/base/a/b", false},
    {"registry.example:5000/**", "registry.example:5000/base/a/b:1", true},
    {"acme/app", "acme/app:1", true},
    {"app", "acme/app:1", false},
    {"**", "No Image", false},
};

static void test_images(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT;
    for (size_t i = 0; i < ARRAY_LEN(images); i++) {
        struct str pattern = str_z(images[i].pattern);
        struct image_name image;
        assert_int_equal(image_name_read(str_z(images[i].image), &arena, &image, NULL), 0);
        if (pattern_match_image((struct rule_strings){&pattern, 1}, &image, &arena) != images[i].matches)
            fail_msg("'%s' and '%s'", images[i].pattern, images[i].image);
    }
    arena_done(&arena);
}

static void test_time(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'a', sizeof(text));
    assert_false(pattern_match(STR("*a*a*a*a*a*a*a*a*b"), str_of(text, sizeof(text))));
    assert_false(pattern_match(STR("**a*a**a*a**a*a**b"), str_of(text, sizeof(text))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
