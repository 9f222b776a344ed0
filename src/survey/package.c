/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian 12's packages of the libraries that builds ask for by name: pkg-config's, CMake's, the linker's. Those that
 * every system has (libm, pthread) are not here. What a program needs when it runs is read off the program itself
 * (ldd), in the image's build.
 */
#include "survey/internal.h"

struct library {
    const char *pkg_config, *cmake, *linked;
    const char *package;
};

static const struct library libraries[] = {
    {"avahi-client", NULL, "avahi-client", "libavahi-client-dev"},
    {NULL, "Boost", "boost_system", "libboost-all-dev"},
    {"bzip2", "BZip2", "bz2", "libbz2-dev"},
    {"libcap", NULL, "cap", "libcap-dev"},
    {"libcares", "c-ares", "cares", "libc-ares-dev"},
    {"libcjson", "cJSON", "cjson", "libcjson-dev"},
    {"libcrypt", NULL, "crypt", "libcrypt-dev"},
    {"libcurl", "CURL", "curl", "libcurl4-openssl-dev"},
    {"dbus-1", "DBus1", "dbus-1", "libdbus-1-dev"},
    {"libdeflate", "libdeflate", "deflate", "libdeflate-dev"},
    {"expat", "EXPAT", "expat", "libexpat1-dev"},
    {"libev", NULL, "ev", "libev-dev"},
    {"libevent", "Libevent", "event", "libevent-dev"},
    {"libfcgi", NULL, "fcgi", "libfcgi-dev"},
    {"libffi", NULL, "ffi", "libffi-dev"},
    {"fmt", "fmt", "fmt", "libfmt-dev"},
    {"fuse3", NULL, "fuse3", "libfuse3-dev"},
    {"glib-2.0", NULL, "glib-2.0", "libglib2.0-dev"},
    {"gnutls", "GnuTLS", "gnutls", "libgnutls28-dev"},
    {"grpc++", "gRPC", "grpc++", "libgrpc++-dev"},
    {"hiredis", "hiredis", "hiredis", "libhiredis-dev"},
    {"icu-uc", "ICU", "icuuc", "libicu-dev"},
    {"jansson", "jansson", "jansson", "libjansson-dev"},
    {"json-c", "json-c", "json-c", "libjson-c-dev"},
    {"jsoncpp", "jsoncpp", "jsoncpp", "libjsoncpp-dev"},
    {NULL, "JPEG", "jpeg", "libjpeg-dev"},
    {"libgit2", "LibGit2", "git2", "libgit2-dev"},
    {"ldap", NULL, "ldap", "libldap-dev"},
    {"lua5.3", NULL, "lua5.3", "liblua5.3-dev"},
    {"lua5.4", "Lua", "lua5.4", "liblua5.4-dev"},
    {"luajit", "LuaJIT", "luajit-5.1", "libluajit-5.1-dev"},
    {"liblz4", "lz4", "lz4", "liblz4-dev"},
    {"liblzma", "LibLZMA", "lzma", "liblzma-dev"},
    {"libmariadb", "MariaDB", "mariadb", "libmariadb-dev"},
    {"mysqlclient", "MySQL", "mysqlclient", "default-libmysqlclient-dev"},
    {NULL, "MbedTLS", "mbedtls", "libmbedtls-dev"},
    {"libmaxminddb", NULL, "maxminddb", "libmaxminddb-dev"},
    {"libmemcached", NULL, "memcached", "libmemcached-dev"},
    {"libmicrohttpd", NULL, "microhttpd", "libmicrohttpd-dev"},
    {"libmosquitto", NULL, "mosquitto", "libmosquitto-dev"},
    {"msgpack", NULL, "msgpackc", "libmsgpack-dev"},
    {"ncurses", "Curses", "ncurses", "libncurses-dev"},
    {"libnghttp2", NULL, "nghttp2", "libnghttp2-dev"},
    {"nlohmann_json", "nlohmann_json", NULL, "nlohmann-json3-dev"},
    {"libonig", NULL, "onig", "libonig-dev"},
    {"openssl", "OpenSSL", "ssl", "libssl-dev"},
    {"libssl", NULL, NULL, "libssl-dev"},
    {"libcrypto", NULL, "crypto", "libssl-dev"},
    {"pam", NULL, "pam", "libpam0g-dev"},
    {"libpcre", "PCRE", "pcre", "libpcre3-dev"},
    {"libpcre2-8", "PCRE2", "pcre2-8", "libpcre2-dev"},
    {"libpcap", "PCAP", "pcap", "libpcap0.8-dev"},
    {"libpng", "PNG", "png", "libpng-dev"},
    {"libpq", "PostgreSQL", "pq", "libpq-dev"},
    {"protobuf", "Protobuf", "protobuf", "libprotobuf-dev"},
    {"libprotobuf-c", NULL, "protobuf-c", "libprotobuf-c-dev"},
    {"RapidJSON", "RapidJSON", NULL, "rapidjson-dev"},
    {"rdkafka", "RdKafka", "rdkafka", "librdkafka-dev"},
    {"re2", "re2", "re2", "libre2-dev"},
    {"readline", NULL, "readline", "libreadline-dev"},
    {"libseccomp", NULL, "seccomp", "libseccomp-dev"},
    {"libsodium", "sodium", "sodium", "libsodium-dev"},
    {"spdlog", "spdlog", "spdlog", "libspdlog-dev"},
    {"sqlite3", "SQLite3", "sqlite3", "libsqlite3-dev"},
    {"libssh2", "Libssh2", "ssh2", "libssh2-1-dev"},
    {"libsystemd", NULL, "systemd", "libsystemd-dev"},
    {"libunwind", NULL, "unwind", "libunwind-dev"},
    {"liburing", NULL, "uring", "liburing-dev"},
    {"libusb-1.0", NULL, "usb-1.0", "libusb-1.0-0-dev"},
    {"libuv", "libuv", "uv", "libuv1-dev"},
    {"uuid", NULL, "uuid", "uuid-dev"},
    {"libwebsockets", "Libwebsockets", "websockets", "libwebsockets-dev"},
    {"libxml-2.0", "LibXml2", "xml2", "libxml2-dev"},
    {"libxslt", "LibXslt", "xslt", "libxslt1-dev"},
    {"libxxhash", "xxHash", "xxhash", "libxxhash-dev"},
    {"yaml-0.1", NULL, "yaml", "libyaml-dev"},
    {"yaml-cpp", "yaml-cpp", "yaml-cpp", "libyaml-cpp-dev"},
    {"zlib", "ZLIB", "z", "zlib1g-dev"},
    {"libzmq", "ZeroMQ", "zmq", "libzmq3-dev"},
    {"libzstd", "zstd", "zstd", "libzstd-dev"},
};

bool package_find(enum package_name kind, struct str name, const char **ret_package)
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
    const char *package = NULL;
    if (!package_find(kind, name, &package))
        return 0;
    return hint_add(surveying, HINT_PACKAGE, HINT_SAID, str_z(package), path, line, "the build asks for it", err);
}
