/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian 12's packages of the libraries that builds ask for by name: pkg-config's, CMake's, the linker's. Those that
 * every system has (libm, pthread) are not here.
 */
#include "survey/internal.h"

struct library {
    const char *pkg_config, *cmake, *linked;
    struct survey_package package;
};

static const struct library libraries[] = {
    {"avahi-client", NULL, "avahi-client", {"libavahi-client-dev", "libavahi-client3"}},
    {NULL, "Boost", "boost_system", {"libboost-all-dev", NULL}},
    {"bzip2", "BZip2", "bz2", {"libbz2-dev", "libbz2-1.0"}},
    {"libcap", NULL, "cap", {"libcap-dev", "libcap2"}},
    {"libcares", "c-ares", "cares", {"libc-ares-dev", "libc-ares2"}},
    {"libcjson", "cJSON", "cjson", {"libcjson-dev", "libcjson1"}},
    {"libcrypt", NULL, "crypt", {"libcrypt-dev", "libcrypt1"}},
    {"libcurl", "CURL", "curl", {"libcurl4-openssl-dev", "libcurl4"}},
    {"dbus-1", "DBus1", "dbus-1", {"libdbus-1-dev", "libdbus-1-3"}},
    {"libdeflate", "libdeflate", "deflate", {"libdeflate-dev", "libdeflate0"}},
    {"expat", "EXPAT", "expat", {"libexpat1-dev", "libexpat1"}},
    {"libev", NULL, "ev", {"libev-dev", "libev4"}},
    {"libevent", "Libevent", "event", {"libevent-dev", "libevent-2.1-7"}},
    {"libfcgi", NULL, "fcgi", {"libfcgi-dev", "libfcgi0ldbl"}},
    {"libffi", NULL, "ffi", {"libffi-dev", "libffi8"}},
    {"fmt", "fmt", "fmt", {"libfmt-dev", "libfmt9"}},
    {"fuse3", NULL, "fuse3", {"libfuse3-dev", "libfuse3-3"}},
    {"glib-2.0", NULL, "glib-2.0", {"libglib2.0-dev", "libglib2.0-0"}},
    {"gnutls", "GnuTLS", "gnutls", {"libgnutls28-dev", "libgnutls30"}},
    {"grpc++", "gRPC", "grpc++", {"libgrpc++-dev", "libgrpc++1.51"}},
    {"hiredis", "hiredis", "hiredis", {"libhiredis-dev", "libhiredis0.14"}},
    {"icu-uc", "ICU", "icuuc", {"libicu-dev", "libicu72"}},
    {"jansson", "jansson", "jansson", {"libjansson-dev", "libjansson4"}},
    {"json-c", "json-c", "json-c", {"libjson-c-dev", "libjson-c5"}},
    {"jsoncpp", "jsoncpp", "jsoncpp", {"libjsoncpp-dev", "libjsoncpp25"}},
    {NULL, "JPEG", "jpeg", {"libjpeg-dev", "libjpeg62-turbo"}},
    {"libgit2", "LibGit2", "git2", {"libgit2-dev", "libgit2-1.5"}},
    {"ldap", NULL, "ldap", {"libldap-dev", "libldap-2.5-0"}},
    {"lua5.3", NULL, "lua5.3", {"liblua5.3-dev", "liblua5.3-0"}},
    {"lua5.4", "Lua", "lua5.4", {"liblua5.4-dev", "liblua5.4-0"}},
    {"luajit", "LuaJIT", "luajit-5.1", {"libluajit-5.1-dev", "libluajit-5.1-2"}},
    {"liblz4", "lz4", "lz4", {"liblz4-dev", "liblz4-1"}},
    {"liblzma", "LibLZMA", "lzma", {"liblzma-dev", "liblzma5"}},
    {"libmariadb", "MariaDB", "mariadb", {"libmariadb-dev", "libmariadb3"}},
    {"mysqlclient", "MySQL", "mysqlclient", {"default-libmysqlclient-dev", "libmariadb3"}},
    {NULL, "MbedTLS", "mbedtls", {"libmbedtls-dev", "libmbedtls14"}},
    {"libmaxminddb", NULL, "maxminddb", {"libmaxminddb-dev", "libmaxminddb0"}},
    {"libmemcached", NULL, "memcached", {"libmemcached-dev", "libmemcached11"}},
    {"libmicrohttpd", NULL, "microhttpd", {"libmicrohttpd-dev", "libmicrohttpd12"}},
    {"libmosquitto", NULL, "mosquitto", {"libmosquitto-dev", "libmosquitto1"}},
    {"msgpack", NULL, "msgpackc", {"libmsgpack-dev", "libmsgpackc2"}},
    {"ncurses", "Curses", "ncurses", {"libncurses-dev", "libncurses6"}},
    {"libnghttp2", NULL, "nghttp2", {"libnghttp2-dev", "libnghttp2-14"}},
    {"nlohmann_json", "nlohmann_json", NULL, {"nlohmann-json3-dev", NULL}},
    {"libonig", NULL, "onig", {"libonig-dev", "libonig5"}},
    {"openssl", "OpenSSL", "ssl", {"libssl-dev", "libssl3"}},
    {"libssl", NULL, NULL, {"libssl-dev", "libssl3"}},
    {"libcrypto", NULL, "crypto", {"libssl-dev", "libssl3"}},
    {"pam", NULL, "pam", {"libpam0g-dev", "libpam0g"}},
    {"libpcre", "PCRE", "pcre", {"libpcre3-dev", "libpcre3"}},
    {"libpcre2-8", "PCRE2", "pcre2-8", {"libpcre2-dev", "libpcre2-8-0"}},
    {"libpcap", "PCAP", "pcap", {"libpcap0.8-dev", "libpcap0.8"}},
    {"libpng", "PNG", "png", {"libpng-dev", "libpng16-16"}},
    {"libpq", "PostgreSQL", "pq", {"libpq-dev", "libpq5"}},
    {"protobuf", "Protobuf", "protobuf", {"libprotobuf-dev", "libprotobuf32"}},
    {"libprotobuf-c", NULL, "protobuf-c", {"libprotobuf-c-dev", "libprotobuf-c1"}},
    {"RapidJSON", "RapidJSON", NULL, {"rapidjson-dev", NULL}},
    {"rdkafka", "RdKafka", "rdkafka", {"librdkafka-dev", "librdkafka1"}},
    {"re2", "re2", "re2", {"libre2-dev", "libre2-9"}},
    {"readline", NULL, "readline", {"libreadline-dev", "libreadline8"}},
    {"libseccomp", NULL, "seccomp", {"libseccomp-dev", "libseccomp2"}},
    {"libsodium", "sodium", "sodium", {"libsodium-dev", "libsodium23"}},
    {"spdlog", "spdlog", "spdlog", {"libspdlog-dev", "libspdlog1.10"}},
    {"sqlite3", "SQLite3", "sqlite3", {"libsqlite3-dev", "libsqlite3-0"}},
    {"libssh2", "Libssh2", "ssh2", {"libssh2-1-dev", "libssh2-1"}},
    {"libsystemd", NULL, "systemd", {"libsystemd-dev", "libsystemd0"}},
    {"libunwind", NULL, "unwind", {"libunwind-dev", "libunwind8"}},
    {"liburing", NULL, "uring", {"liburing-dev", "liburing2"}},
    {"libusb-1.0", NULL, "usb-1.0", {"libusb-1.0-0-dev", "libusb-1.0-0"}},
    {"libuv", "libuv", "uv", {"libuv1-dev", "libuv1"}},
    {"uuid", NULL, "uuid", {"uuid-dev", "libuuid1"}},
    {"libwebsockets", "Libwebsockets", "websockets", {"libwebsockets-dev", "libwebsockets17"}},
    {"libxml-2.0", "LibXml2", "xml2", {"libxml2-dev", "libxml2"}},
    {"libxslt", "LibXslt", "xslt", {"libxslt1-dev", "libxslt1.1"}},
    {"libxxhash", "xxHash", "xxhash", {"libxxhash-dev", "libxxhash0"}},
    {"yaml-0.1", NULL, "yaml", {"libyaml-dev", "libyaml-0-2"}},
    {"yaml-cpp", "yaml-cpp", "yaml-cpp", {"libyaml-cpp-dev", "libyaml-cpp0.7"}},
    {"zlib", "ZLIB", "z", {"zlib1g-dev", "zlib1g"}},
    {"libzmq", "ZeroMQ", "zmq", {"libzmq3-dev", "libzmq5"}},
    {"libzstd", "zstd", "zstd", {"libzstd-dev", "libzstd1"}},
};

bool package_find(enum package_name kind, struct str name, struct survey_package *ret_package)
{
    for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
        const struct library *library = &libraries[i];
        const char *known = kind == PACKAGE_PKG_CONFIG ? library->pkg_config
                            : kind == PACKAGE_CMAKE    ? library->cmake
                                                       : library->linked;
        if (known && (kind == PACKAGE_CMAKE ? str_eq_fold(name, str_z(known)) : str_eq_z(name, known))) {
            *ret_package = library->package;
            return true;
        }
    }
    /* Meson takes CMake's and plain names for pkg-config's too; Boost's and libevent's parts have names of their own.
     */
    if (kind == PACKAGE_LINKED && str_starts(name, STR("boost_")))
        return package_find(PACKAGE_CMAKE, STR("Boost"), ret_package);
    if (str_starts(name, STR("event_")) || str_starts(name, STR("libevent_")))
        return package_find(PACKAGE_PKG_CONFIG, STR("libevent"), ret_package);
    return false;
}

int package_add(struct surveying *surveying, enum package_name kind, struct str name, struct str path, uint32_t line,
                struct err *err)
{
    struct survey_package package;
    if (!package_find(kind, name, &package))
        return 0;
    int r = hint_add(surveying, HINT_PACKAGE, HINT_SAID, str_z(package.development), path, line,
                     "the build asks for it", err);
    if (r == 0 && package.runtime)
        r = hint_add(surveying, HINT_RUN_PACKAGE, HINT_SAID, str_z(package.runtime), path, line,
                     "the library of what the build asks for", err);
    return r;
}
