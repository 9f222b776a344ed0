/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#include <inttypes.h>

#define SERVICE(lines) "services:\n  db:\n    image: postgres:17.2\n" lines

static void loopback_ports(struct judge *judge, const struct workload *workload);

const struct rule loopback_ports_rule = {
    .id = "loopback-ports",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_COMPOSE,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "a published port is bound to an address, not to every interface",
    .rationale =
        "A port that is published without an address listens on every interface of the machine, IPv4 and IPv6, and "
        "the engine opens the way to it in its own chain of the packet filter, ahead of the rules of ufw or firewalld. "
        "So databases, caches and admin pages that were meant for the machine alone, or for one reverse proxy, end up "
        "on the open network. Services of one project reach each other by name without any published port.",
    .remedy = "Bind the port to 127.0.0.1 (127.0.0.1:8080:8080), or take it out where only services of the project "
              "need it. For the reverse proxy that has to be public, say so in a waiver.",
    .sources =
        (const struct rule_source[]){
            {"Compose file reference: ports", "https://docs.docker.com/reference/compose-file/services/#ports"},
            {"Docker: Port publishing and mapping", "https://docs.docker.com/engine/network/port-publishing/"},
            {"Docker: Packet filtering and firewalls",
             "https://docs.docker.com/engine/network/packet-filtering-firewalls/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    ports:\n      - \"5432:5432\"\n"),
             SERVICE("    ports:\n      - \"127.0.0.1:5432:5432\"\n")},
            {0},
        },
    .workload = loopback_ports,
};

/* "0.0.0.0", "::", "0:0:0:0:0:0:0:0", "0" */
static bool is_any_address(struct str ip)
{
    for (size_t i = 0; i < ip.len; i++)
        if (ip.ptr[i] != '0' && ip.ptr[i] != ':' && ip.ptr[i] != '.')
            return false;
    return true;
}

static void judge_port(struct judge *judge, const struct port_fact *port)
{
    const struct fact_text *ip = &port->host_ip;
    if (ip->fact.state == FACT_UNKNOWN) {
        judge_unknown(judge, ip->fact.at, "the address that the port is bound to hangs on a variable");
        return;
    }
    if (!fact_said(&ip->fact) || !is_any_address(ip->value))
        return;
    const struct fact_number *host = &port->host;
    bool chosen = fact_said(&host->fact) && host->value > 0, inside = fact_said(&port->container.fact);
    const char *slash = str_eq_z(port->protocol, "tcp") ? "" : "/";
    struct str protocol = *slash ? port->protocol : STR("");
    if (chosen)
        judge_fail(judge, ip->fact.at, "%s %" PRId64 "%s%.*s is published on every interface",
                   port->range ? "the range of ports from" : "port", host->value, slash, STR_ARG(protocol));
    else if (inside)
        judge_fail(judge, ip->fact.at, "%s %" PRId64 "%s%.*s of the container is published on every interface",
                   port->range ? "the range of ports from" : "port", port->container.value, slash, STR_ARG(protocol));
    else
        judge_fail(judge, ip->fact.at, "a port is published on every interface");
    if (chosen && inside && !port->range)
        judge_expect(judge, "127.0.0.1:%" PRId64 ":%" PRId64 "%s%.*s", host->value, port->container.value, slash,
                     STR_ARG(protocol));
    else
        judge_expect(judge, "an address such as 127.0.0.1 in front of the port");
    judge_fact(judge, &ip->fact);
}

static void loopback_ports(struct judge *judge, const struct workload *workload)
{
    const struct fact_bool *host = &workload->pod->host_network;
    if (fact_said(&host->fact) && host->value) /* nothing is published then: all of it is (no-host-namespaces) */
        return;
    for (size_t i = 0; i < workload->port_count; i++)
        if (workload->ports[i].published)
            judge_port(judge, &workload->ports[i]);
}
