/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/servers.h - servers that are known by the names of their official images, and where they write.
 *
 * Only what the image as it is needs to start and to serve: directories that the image declares as VOLUMEs are
 * writable anyway and not listed. An image that is built on one of these has another name and is not claimed.
 */
#include "facts/image_name.h"

struct server {
    const char *repository; /* "library/nginx" of docker.io */
    const char *shown;      /* "nginx" */
    const char *writes;     /* absolute paths, with blanks between them; /tmp is every container's */
};

/* NULL: not known. */
const struct server *server_of(const struct image_name *name);
