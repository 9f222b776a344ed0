/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/service.h - `barehull serve`: what is served, over stdio or HTTP, by one structure.
 *
 * The composition root fills struct service_options from the environment (config/service.h) and its tables; what a
 * surface offers follows from the effects of the operations: over HTTP nothing but pure ones, whatever the table holds
 * (service_new refuses others).
 */
#include "config/service.h"
#include "log/log.h"
#include "mcp/server.h"
#include "op/services.h"

/* What it is, behind its name. */
#define SERVICE_SUMMARY                                                                                                \
    "judges Dockerfiles, Compose files and Kubernetes manifests by one standard for hardened, distroless containers"

struct service_telemetry; /* service/telemetry.h */

struct service_options {
    enum service_mode mode;
    const struct service_config *config;
    const struct service_problems *problems; /* warnings, told at the start */
    const struct mcp_tool *tools;            /* operations, by the names that all surfaces use; ends with a NULL name */
    const struct op_services *services;      /* lent to operations */
    const struct op_environment *environment; /* of a client that started us: gives arguments their defaults; or NULL */
    /* What agents find besides tools (service/catalogue.h); each may be NULL. */
    const struct mcp_resources *resources;
    const struct mcp_prompt *prompts;
    mcp_complete_function *complete;
    struct str version;
};

enum service_state { SERVICE_STARTING, SERVICE_READY, SERVICE_DRAINING };

/* Shared by all threads; fixed once made, but for what says atomic. */
struct service {
    const struct service_options *options;
    const struct service_config *config;
    struct log log;
    struct service_telemetry *telemetry;
    struct mcp_server *mcp;
    struct mcp_description mcp_description;
    struct op_runner runner;       /* operation->run with the services, and findings counted */
    struct arena arena;            /* of what was made at the start: lists, documents, their gzip forms */
    struct service_routes *routes; /* service/route.h; NULL over stdio */
    atomic_int state;              /* enum service_state */
};

/* OPTIONS outlives the service; the caller frees with service_free. Errors: ERR_NOMEM, ERR_INTERNAL. */
int service_new(const struct service_options *options, struct service **ret_service, struct err *err);
void service_free(struct service *service);

/*
 * Serves HTTP until STOP_FD becomes readable (a signalfd, a pipe), then drains: readiness turns 503, after drain_delay
 * listening ends, what is in work is answered within drain_timeout. *ret_clean: nothing had to be cut. Something more
 * to read at STOP_FD cuts at once. SIGPIPE is ignored by the caller. Errors: those of server_start.
 */
int service_run_http(struct service *service, int stop_fd, bool *ret_clean, struct err *err);

/*
 * Serves one client over IN and OUT, one message a line, until IN ends (what is in work is called off) or STOP_FD
 * becomes readable; it is left unread. Nothing else is ever written to OUT. *ret_clean, also on failure: false when
 * something in work did not notice in time; it holds the service, and the process has to end without service_free.
 * SIGPIPE is ignored by the caller. Errors: ERR_IO and others of OUT when it is gone; ERR_NOMEM.
 */
int service_run_stdio(struct service *service, int in_fd, int out_fd, int stop_fd, bool *ret_clean, struct err *err);
