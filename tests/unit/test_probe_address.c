/* SPDX-License-Identifier: Apache-2.0 */
/* Literals, held against inet_pton. */
#include "probe/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void same_as_inet_pton(const char *text)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    struct address address;
    bool is4 = inet_pton(AF_INET, text, &ipv4) == 1;
    bool is6 = inet_pton(AF_INET6, text, &ipv6) == 1;
    if (address_ipv4(text_of(text), 258, &address) != is4)
        fail_msg("'%s' as IPv4: inet_pton says %d", text, is4);
    if (is4 && (address.ipv4.sin_addr.s_addr != ipv4.s_addr || address.ipv4.sin_port != htons(258)))
        fail_msg("'%s' as IPv4", text);
    if (address_ipv6(text_of(text), 258, &address) != is6)
        fail_msg("'%s' as IPv6: inet_pton says %d", text, is6);
    if (is6 && (memcmp(&address.ipv6.sin6_addr, &ipv6, 16) != 0 || address.ipv6.sin6_port != htons(258)))
        fail_msg("'%s' as IPv6", text);
}

static void test_literals(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        ".1.2.3",
        "1..2.3",
        "01.2.3.4",
        "1.2.3.04",
        "1.2.3.0",
        "1.2.3.4 ",
        " 1.2.3.4",
        "",
        "1",
        "0x7f.0.0.1",
        "::",
        "::1",
        "1::",
        "1::2",
        ":1",
        "1:",
        ":::",
        "1:::2",
        "1::2::3",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "::ffff:1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3.4:5",
        "1.2.3.4::",
        "::1.2.3",
        "12345::",
        "g::",
        "FE80::aB",
        "fe80::1%lo",
        "[::1]",
        "1:2",
        "::1 ",
        "::01",
        "::00001",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        same_as_inet_pton(texts[i]);
}

/* Every text of up to seven of these pieces that a fixed generator comes by. */
static void test_made_up(void **state)
{
    (void)state;
    static const char *const pieces[] = {":", "::", "1",   "ffff", "12345", "1.2.3.4",
                                         ".", "0",  "255", "fe",   ":a",    ":0:"};
    uint64_t random = 1;
    for (int round = 0; round < 200000; round++) {
        char text[64] = "";
        random = random * 6364136223846793005U + 1442695040888963407U;
        for (uint64_t left = random >> 20, count = 1 + (random >> 61); count > 0; count--, left /= 12)
            strcat(text, pieces[left % 12]);
        same_as_inet_pton(text);
    }
}

static void test_unix(void **state)
{
    (void)state;
    struct address address;
    char longest[109];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    assert_true(address_unix(TEXT("/run/a.sock"), &address));
    assert_string_equal(address.local.sun_path, "/run/a.sock");
    assert_int_equal(address.len, 2 + sizeof "/run/a.sock");
    assert_true(address_unix((struct text){longest, 107}, &address));
    assert_int_equal(address.len, sizeof(struct sockaddr_un));
    assert_false(address_unix((struct text){longest, 108}, &address));
    assert_false(address_unix(TEXT("/"), &address));
    assert_true(address_unix(TEXT("@name"), &address));
    assert_memory_equal(address.local.sun_path, "\0name", 5);
    assert_int_equal(address.len, 2 + 5);
}

static void test_loopback(void **state)
{
    (void)state;
    struct address address;
    struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    address_ipv4(TEXT("0.0.0.0"), 80, &address);
    assert_true(address_to_loopback(&address));
    assert_int_equal(address.ipv4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    assert_false(address_to_loopback(&address));
    address_ipv6(TEXT("::"), 80, &address);
    assert_true(address_to_loopback(&address));
    assert_memory_equal(&address.ipv6.sin6_addr, &loopback, 16);
    assert_false(address_to_loopback(&address));
    address_unix(TEXT("/run/a"), &address);
    assert_false(address_to_loopback(&address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_made_up),
        cmocka_unit_test(test_unix),
        cmocka_unit_test(test_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
