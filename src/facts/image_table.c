/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/image_table.h"

#define ROOT  "root"
#define GLIBC IMAGE_LIBC_GLIBC
#define MUSL  IMAGE_LIBC_MUSL
#define FULL  IMAGE_FULL
#define SLIM  IMAGE_SLIM

/* In the order of their names (binary search). Users are of the image's configuration: an entry script that starts as
 * root and steps down counts as root. */
static const struct image_row officials[] = {
    {"adminer", IMAGE_ALPINE, MUSL, "adminer", false, false},
    {"almalinux", FULL, GLIBC, ROOT, false, false},
    {"alpine", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"amazoncorretto", FULL, GLIBC, ROOT, false, false},
    {"amazonlinux", FULL, GLIBC, ROOT, false, false},
    {"archlinux", FULL, GLIBC, ROOT, false, false},
    {"bash", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"buildpack-deps", FULL, GLIBC, ROOT, false, false},
    {"busybox", IMAGE_BUSYBOX, IMAGE_LIBC_UNKNOWN, ROOT, false, true},
    {"caddy", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"cassandra", FULL, GLIBC, ROOT, false, false},
    {"centos", FULL, GLIBC, ROOT, false, false},
    {"clearlinux", FULL, GLIBC, ROOT, false, false},
    {"clojure", FULL, GLIBC, ROOT, false, false},
    {"composer", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"couchdb", FULL, GLIBC, ROOT, false, false},
    {"dart", FULL, GLIBC, ROOT, false, false},
    {"debian", FULL, GLIBC, ROOT, false, false},
    {"docker", IMAGE_ALPINE, MUSL, NULL, false, false},
    {"drupal", FULL, GLIBC, ROOT, false, false},
    {"eclipse-mosquitto", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"eclipse-temurin", FULL, GLIBC, ROOT, false, false},
    {"elasticsearch", FULL, GLIBC, NULL, false, false},
    {"elixir", FULL, GLIBC, ROOT, false, false},
    {"erlang", FULL, GLIBC, ROOT, false, false},
    {"fedora", FULL, GLIBC, ROOT, false, false},
    {"gcc", FULL, GLIBC, ROOT, false, false},
    {"ghost", FULL, GLIBC, NULL, false, false},
    {"golang", FULL, GLIBC, ROOT, false, false},
    {"gradle", FULL, GLIBC, NULL, false, false},
    {"groovy", FULL, GLIBC, NULL, false, false},
    {"haproxy", FULL, GLIBC, NULL, false, false},
    {"haskell", FULL, GLIBC, ROOT, false, false},
    {"hello-world", IMAGE_SCRATCH, IMAGE_LIBC_NONE, ROOT, true, false},
    {"httpd", FULL, GLIBC, ROOT, false, false},
    {"ibm-semeru-runtimes", FULL, GLIBC, NULL, false, false},
    {"ibmjava", FULL, GLIBC, NULL, false, false},
    {"influxdb", FULL, GLIBC, NULL, false, false},
    {"jetty", FULL, GLIBC, NULL, false, false},
    {"joomla", FULL, GLIBC, ROOT, false, false},
    {"julia", FULL, GLIBC, ROOT, false, false},
    {"kibana", FULL, GLIBC, NULL, false, false},
    {"logstash", FULL, GLIBC, NULL, false, false},
    {"mageia", FULL, GLIBC, ROOT, false, false},
    {"mariadb", FULL, GLIBC, ROOT, false, false},
    {"maven", FULL, GLIBC, ROOT, false, false},
    {"memcached", FULL, GLIBC, "memcache", false, false},
    {"mongo", FULL, GLIBC, ROOT, false, false},
    {"mongo-express", IMAGE_ALPINE, MUSL, NULL, false, false},
    {"mono", FULL, GLIBC, ROOT, false, false},
    {"mysql", FULL, GLIBC, ROOT, false, false},
    {"nats", IMAGE_SCRATCH, IMAGE_LIBC_NONE, ROOT, true, false},
    {"neo4j", FULL, GLIBC, NULL, false, false},
    {"nextcloud", FULL, GLIBC, ROOT, false, false},
    {"nginx", FULL, GLIBC, ROOT, false, false},
    {"node", FULL, GLIBC, ROOT, false, false},
    {"openjdk", FULL, GLIBC, ROOT, false, false},
    {"oraclelinux", FULL, GLIBC, ROOT, false, false},
    {"perl", FULL, GLIBC, ROOT, false, false},
    {"photon", FULL, GLIBC, ROOT, false, false},
    {"php", FULL, GLIBC, ROOT, false, false},
    {"phpmyadmin", FULL, GLIBC, ROOT, false, false},
    {"postgres", FULL, GLIBC, ROOT, false, false},
    {"pypy", FULL, GLIBC, ROOT, false, false},
    {"python", FULL, GLIBC, ROOT, false, false},
    {"r-base", FULL, GLIBC, ROOT, false, false},
    {"rabbitmq", FULL, GLIBC, ROOT, false, false},
    {"redis", FULL, GLIBC, ROOT, false, false},
    {"redmine", FULL, GLIBC, ROOT, false, false},
    {"registry", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"rockylinux", FULL, GLIBC, ROOT, false, false},
    {"ruby", FULL, GLIBC, ROOT, false, false},
    {"rust", FULL, GLIBC, ROOT, false, false},
    {"sapmachine", FULL, GLIBC, ROOT, false, false},
    {"solr", FULL, GLIBC, NULL, false, false},
    {"sonarqube", FULL, GLIBC, NULL, false, false},
    {"swift", FULL, GLIBC, ROOT, false, false},
    {"telegraf", FULL, GLIBC, NULL, false, false},
    {"tomcat", FULL, GLIBC, ROOT, false, false},
    {"traefik", IMAGE_ALPINE, MUSL, ROOT, false, false},
    {"ubuntu", FULL, GLIBC, ROOT, false, false},
    {"wordpress", FULL, GLIBC, ROOT, false, false},
    {"zookeeper", FULL, GLIBC, NULL, false, false},
};

static const struct image_row others[] = {
    {"cgr.dev/chainguard/wolfi-base", SLIM, GLIBC, NULL, false, false},
    {"cgr.dev/chainguard/busybox", IMAGE_BUSYBOX, GLIBC, NULL, false, true},
    {"cgr.dev/chainguard/bash", SLIM, GLIBC, NULL, false, true},
    {"docker.io/grafana/grafana", IMAGE_ALPINE, MUSL, "472", false, false},
    {"docker.io/prom/prometheus", IMAGE_BUSYBOX, IMAGE_LIBC_UNKNOWN, "nobody", false, true},
    {"docker.io/prom/alertmanager", IMAGE_BUSYBOX, IMAGE_LIBC_UNKNOWN, "nobody", false, true},
    {"docker.io/prom/node-exporter", IMAGE_BUSYBOX, IMAGE_LIBC_UNKNOWN, "nobody", false, true},
    {"docker.io/jenkins/jenkins", FULL, GLIBC, "jenkins", false, false},
    {"docker.io/nginxinc/nginx-unprivileged", FULL, GLIBC, "101", false, false},
    {"docker.io/opensuse/*", FULL, GLIBC, ROOT, false, false},
    {"registry.k8s.io/busybox", IMAGE_BUSYBOX, IMAGE_LIBC_UNKNOWN, ROOT, false, true},
    {"registry.opensuse.org/opensuse/*", FULL, GLIBC, NULL, false, false},
    {"registry.suse.com/bci/bci-base", FULL, GLIBC, ROOT, false, false},
    {"registry.suse.com/bci/bci-minimal", SLIM, GLIBC, ROOT, false, true},
    {"registry.suse.com/bci/bci-micro", SLIM, GLIBC, ROOT, false, true},
    {"docker.io/rockylinux/rockylinux", FULL, GLIBC, ROOT, false, false},
    {"docker.io/redhat/ubi*-micro", SLIM, GLIBC, ROOT, false, true},
    {"docker.io/redhat/ubi*-minimal", SLIM, GLIBC, ROOT, false, false},
    {"docker.io/redhat/ubi*", FULL, GLIBC, ROOT, false, false},
    {"registry.access.redhat.com/ubi*/ubi-micro", SLIM, GLIBC, ROOT, false, true},
    {"registry.access.redhat.com/ubi*/ubi-minimal", SLIM, GLIBC, ROOT, false, false},
    {"registry.access.redhat.com/ubi*-micro", SLIM, GLIBC, ROOT, false, true},
    {"registry.access.redhat.com/ubi*-minimal", SLIM, GLIBC, ROOT, false, false},
    {"registry.access.redhat.com/ubi*/ubi", FULL, GLIBC, ROOT, false, false},
    {"registry.access.redhat.com/ubi*/ubi-init", FULL, GLIBC, ROOT, false, false},
    {"registry.access.redhat.com/ubi*", FULL, GLIBC, NULL, false, false},
    {"registry.fedoraproject.org/fedora-minimal", SLIM, GLIBC, ROOT, false, false},
    {"registry.fedoraproject.org/fedora", FULL, GLIBC, ROOT, false, false},
    {"quay.io/centos/centos", FULL, GLIBC, ROOT, false, false},
    {"quay.io/fedora/fedora", FULL, GLIBC, ROOT, false, false},
    {"quay.io/rockylinux/rockylinux", FULL, GLIBC, ROOT, false, false},
    {"mcr.microsoft.com/dotnet/sdk", FULL, GLIBC, ROOT, false, false},
    {"mcr.microsoft.com/dotnet/aspnet", SLIM, GLIBC, ROOT, false, false},
    {"mcr.microsoft.com/dotnet/runtime", SLIM, GLIBC, ROOT, false, false},
    {"mcr.microsoft.com/dotnet/runtime-deps", SLIM, GLIBC, ROOT, false, false},
    {"mcr.microsoft.com/devcontainers/*", FULL, IMAGE_LIBC_UNKNOWN, NULL, false, false},
    {"nvcr.io/nvidia/cuda", FULL, GLIBC, ROOT, false, false},
    {"docker.io/nvidia/cuda", FULL, GLIBC, ROOT, false, false},
};

static const char *const flavours[] = {
    "static",   "base-nossl", "base",     "cc",       "python3", "python2.7", "java-base",
    "java8",    "java11",     "java17",   "java21",   "java25",  "nodejs14",  "nodejs16",
    "nodejs18", "nodejs20",   "nodejs22", "nodejs24", "nodejs",  "java",
};

const struct image_row *image_row_official(struct str name)
{
    size_t low = 0;
    size_t high = ARRAY_LEN(officials);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(name, str_z(officials[middle].name));
        if (order == 0)
            return &officials[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* PATTERN has at most one '*'; it stands for one or more bytes without '/'. */
static bool matches(struct str pattern, struct str name)
{
    size_t star = str_find_char(pattern, '*');
    if (star == pattern.len)
        return str_eq(pattern, name);
    struct str head = str_head(pattern, star);
    struct str tail = str_skip(pattern, star + 1);
    if (name.len <= head.len + tail.len || !str_starts(name, head) || !str_ends(name, tail))
        return false;
    struct str rest = str_head(str_skip(name, head.len), name.len - head.len - tail.len);
    return !str_has_char(rest, '/');
}

const struct image_row *image_row_other(struct str registry, struct str repository)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct str name = str_z(others[i].name);
        if (name.len > registry.len && str_starts(name, registry) && name.ptr[registry.len] == '/' &&
            matches(str_skip(name, registry.len + 1), repository))
            return &others[i];
    }
    return NULL;
}

const char *image_distroless_flavour(struct str name)
{
    size_t at = str_find(name, STR("-debian"));
    struct str flavour = str_head(name, at);
    struct str release = str_skip(name, at + sizeof("-debian") - 1);
    bool valid = at == name.len || release.len > 0;
    for (size_t i = 0; i < release.len; i++)
        valid = valid && char_is_digit(release.ptr[i]);
    for (size_t i = 0; valid && i < ARRAY_LEN(flavours); i++)
        if (str_eq_z(flavour, flavours[i]))
            return flavours[i];
    return NULL;
}

bool image_chainguard_shellless(struct str name)
{
    static const char *const names[] = {"static", "glibc-dynamic",  "musl-dynamic", "cc-dynamic",    "python",
                                        "jre",    "dotnet-runtime", "nginx",        "aspnet-runtime"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
}
