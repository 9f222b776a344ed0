/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "facts/compose_read.h"

/* "8080", or "8080-8090": the first. */
static struct fact_number port_number(const struct compose_reader *reader, const struct compose_scalar *scalar,
                                      size_t offset, size_t len, bool *range)
{
    struct fact_text part = compose_part(reader, scalar, offset, len);
    struct fact_number number = {.fact = part.fact};
    if (part.fact.state == FACT_UNKNOWN)
        return number;
    if (part.value.len == 0) {
        number.fact.state = FACT_ABSENT;
        return number;
    }
    struct str rest = part.value, first;
    uint64_t value = 0;
    str_next(&rest, '-', &first);
    if (rest.ptr) {
        *range = true;
        uint64_t last = 0;
        if (!num_parse_u64(rest, &last) || last > 65535)
            number.fact.state = FACT_INVALID;
    }
    if (!num_parse_u64(first, &value) || value > 65535)
        number.fact.state = FACT_INVALID;
    number.value = (int64_t)value;
    return number;
}

/* Nobody says it: every address of the machine. */
static void default_ip(struct port_fact *port)
{
    port->host_ip.fact.state = FACT_DEFAULT;
    port->host_ip.fact.at = port->at;
    port->host_ip.value = STR("0.0.0.0");
}

static struct fact_text ip_of(const struct compose_reader *reader, const struct compose_scalar *scalar, size_t len)
{
    struct fact_text ip = compose_part(reader, scalar, 0, len);
    if (ip.value.len >= 2 && ip.value.ptr[0] == '[' && ip.value.ptr[ip.value.len - 1] == ']')
        ip.value = str_of(ip.value.ptr + 1, ip.value.len - 2);
    return ip;
}

/* "IP:HOST:CONTAINER/PROTOCOL", from the right; what stands before the last two is the address. */
static void read_short(struct compose_reader *reader, const struct compose_scalar *scalar, struct port_fact *port)
{
    size_t colons[2] = {0, 0}, count = 0; /* the last two */
    for (size_t i = 0; (i = compose_find_char(scalar, i, ':')) < scalar->text.len; i++) {
        colons[0] = colons[1];
        colons[1] = i;
        count++;
    }
    size_t container = count ? colons[1] + 1 : 0;
    size_t slash = compose_find_char(scalar, container, '/');
    port->container = port_number(reader, scalar, container, slash - container, &port->range);
    if (port->container.fact.state == FACT_ABSENT)
        port->container.fact.state = FACT_INVALID;
    if (slash + 1 < scalar->text.len)
        port->protocol = str_skip(scalar->text, slash + 1);
    port->host.fact = (struct fact){.at = port->at, .node = scalar->node, .holder = scalar->node->parent, .path = ""};
    port->host_ip.fact = port->host.fact;
    default_ip(port);
    if (count == 0) {
        /* All of it may be in the variable, the address too. */
        if (port->container.fact.state == FACT_UNKNOWN)
            port->host_ip.fact.state = port->host.fact.state = FACT_UNKNOWN;
        return;
    }
    size_t host = count > 1 ? colons[0] + 1 : 0;
    port->host = port_number(reader, scalar, host, colons[1] - host, &port->range);
    if (count > 1 && colons[0] > 0)
        port->host_ip = ip_of(reader, scalar, colons[0]);
    else if (count == 1 && port->host.fact.state == FACT_UNKNOWN) {
        port->host_ip.fact.state = FACT_UNKNOWN;
        port->host_ip.fact.at = port->host.fact.at;
        port->host_ip.value = str_head(scalar->text, colons[1]);
    }
}

static struct fact_number long_number(struct compose_reader *reader, const struct data_node *entry, const char *key,
                                      bool *range)
{
    struct compose_scalar scalar;
    const struct data_node *node = data_get(entry, key);
    struct fact frame = compose_fact(reader, node, entry, key);
    if (!compose_scalar(reader, node, &scalar))
        return (struct fact_number){.fact = frame};
    struct fact_number number = port_number(reader, &scalar, 0, scalar.text.len, range);
    number.fact.key = frame.key;
    number.fact.holder = entry;
    number.fact.path = key;
    if (number.fact.state == FACT_KNOWN)
        number.fact.state = frame.state;
    return number;
}

static void read_long(struct compose_reader *reader, const struct data_node *entry, struct port_fact *port)
{
    port->container = long_number(reader, entry, "target", &port->range);
    port->host = long_number(reader, entry, "published", &port->range);
    port->host_ip = compose_text_of(reader, data_get(entry, "host_ip"), entry, "host_ip");
    if (port->host_ip.fact.state == FACT_ABSENT || (fact_said(&port->host_ip.fact) && port->host_ip.value.len == 0)) {
        port->host_ip.fact = compose_fact(reader, NULL, entry, "host_ip");
        default_ip(port);
    }
    data_str(data_get(entry, "protocol"), &port->protocol, NULL);
    data_str(data_get(entry, "name"), &port->name, NULL);
}

static const struct data_node *list_of(const struct compose_reader *reader, const char *key)
{
    const struct data_node *list = data_get(reader->service, key);
    return list && list->kind == DATA_ARRAY ? list : NULL;
}

/* PUBLISHED: of `ports`; those of `expose` are for other services only. */
static void read_list(struct compose_reader *reader, const struct data_node *list, bool published,
                      struct port_fact *ports, size_t *count)
{
    DATA_EACH(entry, list)
    {
        struct port_fact *port = &ports[*count];
        *port = (struct port_fact){.at = place_of(reader->sources, entry), .protocol = STR("tcp"), .published = true};
        struct compose_scalar scalar;
        if (entry->kind == DATA_OBJECT && published)
            read_long(reader, entry, port);
        else if (compose_scalar(reader, entry, &scalar))
            read_short(reader, &scalar, port);
        else
            continue;
        port->published = port->published && published;
        (*count)++;
    }
}

void compose_read_ports(struct compose_reader *reader)
{
    const struct data_node *published = list_of(reader, "ports"), *exposed = list_of(reader, "expose");
    size_t room = (published ? published->count : 0) + (exposed ? exposed->count : 0);
    struct port_fact *ports = room ? COMPOSE_ARRAY(reader, room, struct port_fact) : NULL;
    if (!ports)
        return;
    size_t count = 0;
    read_list(reader, published, true, ports, &count);
    read_list(reader, exposed, false, ports, &count);
    reader->workload->ports = ports;
    reader->workload->port_count = count;
}
