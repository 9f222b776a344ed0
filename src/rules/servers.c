/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/servers.h"

const struct server *server_of(const struct image_name *name)
{
    static const struct server servers[] = {
        {"library/nginx", "nginx", "/var/cache/nginx /var/run"},
        {"library/postgres", "PostgreSQL", "/var/run/postgresql"},
        {"postgis/postgis", "PostgreSQL", "/var/run/postgresql"},
        {"library/mysql", "MySQL", "/var/run/mysqld"},
        {"library/mariadb", "MariaDB", "/run/mysqld"},
        {"library/httpd", "Apache httpd", "/usr/local/apache2/logs"},
        {"grafana/grafana", "Grafana", "/var/lib/grafana"},
    };
    if (!name->valid || !str_eq_z(name->registry, "docker.io"))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(servers); i++)
        if (str_eq_z(name->repository, servers[i].repository))
            return &servers[i];
    return NULL;
}
