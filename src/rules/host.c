/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define POD(lines, container)                                                                                          \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n" lines "  containers:\n    - name: web\n"              \
    "      image: registry.example/web:1.2\n" container
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

#define STANDARDS                                                                                                      \
    {                                                                                                                  \
        "Kubernetes: Pod Security Standards", "https://kubernetes.io/docs/concepts/security/pod-security-standards/"   \
    }

/* --- no-host-namespaces ------------------------------------------------------------------------------------- */

static void no_host_namespaces(struct judge *judge, const struct pod *pod);

const struct rule no_host_namespaces_rule = {
    .id = "no-host-namespaces",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "no namespace of the machine is shared",
    .rationale =
        "A namespace is what makes a container one. With the machine's network it sees every interface, listens "
        "wherever a daemon of the machine does, and reaches what listens on the loopback address for the machine "
        "alone: the kubelet, metadata services, databases without a password. With its process IDs it sees, signals "
        "and (with one more capability) reads every process. With its IPC it reads shared memory of others. Compose "
        "can give away the host name (uts), the view of control groups and the mapping of users as well.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Take the key out, and publish the port that is meant under ports. For an agent that "
                                "has to see the machine, say in a waiver which agent it is and why.",
            [SURFACE_KUBERNETES] = "Take the key out, and reach the pod through a Service. For an agent that has to "
                                   "see the node, say in a waiver which agent it is and why.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Compose file reference: network_mode",
             "https://docs.docker.com/reference/compose-file/services/#network_mode"},
            {"Compose file reference: pid", "https://docs.docker.com/reference/compose-file/services/#pid"},
            {"namespaces(7)", "https://man7.org/linux/man-pages/man7/namespaces.7.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    network_mode: host\n"),
             SERVICE("    ports:\n      - 127.0.0.1:8080:8080\n")},
            {SURFACE_KUBERNETES, POD("  hostNetwork: true\n", ""),
             POD("", "      ports:\n        - containerPort: 8080\n")},
            {0},
        },
    .pod = no_host_namespaces,
};

static void judge_namespace(struct judge *judge, const struct fact_bool *shared, const char *name, const char *harm)
{
    if (fact_undecided(judge, &shared->fact, name) || !fact_said(&shared->fact) || !shared->value ||
        shared->fact.state == FACT_DEFAULT)
        return;
    judge_fail(judge, shared->fact.at, "the container shares the machine's %s", harm);
    judge_fact(judge, &shared->fact);
}

static void no_host_namespaces(struct judge *judge, const struct pod *pod)
{
    bool compose = pod->surface == SURFACE_COMPOSE;
    judge_namespace(judge, &pod->host_network, compose ? "network_mode" : "hostNetwork", "network");
    judge_namespace(judge, &pod->host_pid, compose ? "pid" : "hostPID", "process IDs");
    judge_namespace(judge, &pod->host_ipc, compose ? "ipc" : "hostIPC", "shared memory and message queues");
    if (!compose || !judge_by_standard(judge))
        return; /* hostUsers: true is Kubernetes' default and what every profile takes */
    judge_namespace(judge, &pod->host_uts, "uts", "host name");
    judge_namespace(judge, &pod->host_cgroup, "cgroup", "control groups");
    judge_namespace(judge, &pod->host_users, "userns_mode", "users, also where the engine maps them to others");
}

/* --- no-host-port ------------------------------------------------------------------------------------------- */

static void no_host_port(struct judge *judge, const struct workload *workload);

const struct rule no_host_port_rule = {
    .id = "no-host-port",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "no container takes a port of its node",
    .rationale =
        "A hostPort opens the container to whoever reaches the node, past Services, ingress and, with many network "
        "plug-ins, past network policies. It also ties the pod to nodes where that port is free, so that a second "
        "replica or a rolling update stays pending. Compose publishes ports by design: what is too open there is the "
        "rule `loopback-ports`. A pod on the node's network has all of its ports anyway: that is "
        "`no-host-namespaces`.",
    .remedy = "Take hostPort out, and reach the pod through a Service (NodePort or LoadBalancer from outside).",
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: Configuration Good Practices", "https://kubernetes.io/docs/concepts/configuration/overview/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_KUBERNETES, POD("", "      ports:\n        - containerPort: 8080\n          hostPort: 80\n"),
             POD("", "      ports:\n        - containerPort: 8080\n")},
            {0},
        },
    .workload = no_host_port,
};

static void no_host_port(struct judge *judge, const struct workload *workload)
{
    const struct fact_bool *network = &workload->pod->host_network;
    if (judge_by_standard(judge) && fact_said(&network->fact) && network->value)
        return;
    for (size_t i = 0; i < workload->port_count; i++) {
        const struct fact_number *host = &workload->ports[i].host;
        if (fact_undecided(judge, &host->fact, "hostPort") || !fact_said(&host->fact) || host->value == 0)
            continue;
        judge_fail(judge, host->fact.at, "the container takes port %lld of its node", (long long)host->value);
        judge_expect(judge, "no hostPort");
        judge_fact(judge, &host->fact);
    }
}

/* --- no-host-process ---------------------------------------------------------------------------------------- */

static void host_process_pod(struct judge *judge, const struct pod *pod);
static void host_process_workload(struct judge *judge, const struct workload *workload);

const struct rule no_host_process_rule = {
    .id = "no-host-process",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .summary = "no Windows container runs as a process of its node",
    .rationale =
        "A HostProcess container of Windows is no container: it runs on the node itself, with its file system, its "
        "network and the account it names, up to SYSTEM. It is what privileged is on Linux, meant for the node's own "
        "agents.",
    .remedy = "Take windowsOptions.hostProcess out. For an agent of the node, say so in a waiver.",
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: Create a Windows HostProcess Pod",
             "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_KUBERNETES,
             POD("  os:\n    name: windows\n  hostNetwork: true\n  securityContext:\n    windowsOptions:\n"
                 "      hostProcess: true\n",
                 ""),
             POD("  os:\n    name: windows\n  securityContext:\n    windowsOptions:\n"
                 "      runAsUserName: ContainerUser\n",
                 "")},
            {0},
        },
    .pod = host_process_pod,
    .workload = host_process_workload,
};

static void judge_host_process(struct judge *judge, const struct fact_bool *process)
{
    if (fact_undecided(judge, &process->fact, "hostProcess") || !fact_said(&process->fact) || !process->value)
        return;
    judge_fail(judge, process->fact.at, "the container runs as a process of its node");
    judge_expect(judge, "hostProcess: false, or nothing");
    judge_fact(judge, &process->fact);
}

static void host_process_pod(struct judge *judge, const struct pod *pod)
{
    judge_host_process(judge, &pod->host_process);
}

static void host_process_workload(struct judge *judge, const struct workload *workload)
{
    if (fact_own(workload, &workload->host_process.fact, &workload->pod->host_process.fact))
        judge_host_process(judge, &workload->host_process);
}

/* --- no-probe-host ------------------------------------------------------------------------------------------ */

static void no_probe_host(struct judge *judge, const struct workload *workload);

const struct rule no_probe_host_rule = {
    .id = "no-probe-host",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "probes and lifecycle hooks ask the pod itself, not a host by name",
    .rationale =
        "HTTP and TCP probes are sent by the kubelet, from the node's network. With a host of its own a pod makes the "
        "kubelet talk to whatever it names: services that listen for the node alone, the cloud's metadata address, "
        "machines that the pod itself may not reach. And the answer says nothing of the pod's own health. The "
        "baseline profile forbids it since 1.34. '127.0.0.1' is the node there, not the pod.",
    .remedy = "Take 'host' out: the pod's own address is the default. For a virtual host, set the header Host in "
              "httpHeaders.",
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: Configure Liveness, Readiness and Startup Probes",
             "https://kubernetes.io/docs/tasks/configure-pod-container/"
             "configure-liveness-readiness-startup-probes/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_KUBERNETES,
             POD("", "      livenessProbe:\n        httpGet:\n          host: 169.254.169.254\n          port: 80\n"),
             POD("", "      livenessProbe:\n        httpGet:\n          path: /healthz\n          port: 8080\n")},
            {0},
        },
    .workload = no_probe_host,
};

static void judge_probe_host(struct judge *judge, const struct probe_fact *probe, const char *name)
{
    const struct fact_text *host = &probe->host;
    if (probe->fact.state == FACT_ABSENT || fact_undecided(judge, &host->fact, "host of a probe") ||
        !fact_said(&host->fact) || host->value.len == 0)
        return;
    judge_fail(judge, host->fact.at, "the %s asks host '%.*s' instead of the pod", name, STR_ARG(host->value));
    judge_expect(judge, "no host");
    judge_fact(judge, &host->fact);
}

static void no_probe_host(struct judge *judge, const struct workload *workload)
{
    if (!judge_by_standard(judge) && !judge_pss_since(judge, 34))
        return;
    judge_probe_host(judge, &workload->startup, "startup probe");
    judge_probe_host(judge, &workload->readiness, "readiness probe");
    judge_probe_host(judge, &workload->liveness, "liveness probe");
    judge_probe_host(judge, &workload->post_start, "postStart hook");
    judge_probe_host(judge, &workload->pre_stop, "preStop hook");
}
