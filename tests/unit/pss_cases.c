/* SPDX-License-Identifier: Apache-2.0 */
#include "pss_cases.h"

#define ALWAYS "0-"
#define NEVER  ""

#define ADDS(name)  "allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [" name "]}"
#define DROPS(list) "allowPrivilegeEscalation: false, capabilities: " list
#define WINDOWS(security)                                                                                              \
    "os: {name: windows}, securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, "             \
    "containers: [{name: c, securityContext: {" security "}}]"
#define GOOD "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"
#define TWO(pod, first, second)                                                                                        \
    "securityContext: {runAsNonRoot: true" pod "}, containers: [{name: c, securityContext: {" GOOD first               \
    "}}, {name: d, securityContext: {" GOOD second "}}]"
#define USERS(spec, pod, first, second)                                                                                \
    spec "securityContext: {seccompProfile: {type: RuntimeDefault}" pod                                                \
         "}, containers: [{name: c, securityContext: {" GOOD first "}}, {name: d, securityContext: {" GOOD second      \
         "}}]"
#define SECCOMP(type)            ", seccompProfile: {type: " type "}"
#define VOLUME(source)           "volumes: [{name: v" source "}]"
#define PROBE(probe, host)       probe ": {httpGet: {port: 80" host "}}"
#define SOCKET(probe, host)      probe ": {tcpSocket: {port: 80" host "}}"
#define HOOK(hook, action, host) "lifecycle: {" hook ": {" action ": {port: 80" host "}}}"
#define SYSCTL(name)             "sysctls: [{name: " name ", value: '1'}]"

/* Rows are aligned by hand: one row is one fact of the standards. */
/* clang-format off */
const struct pss_case pss_cases[] = {
    /* Nothing changed, and what no profile looks at. */
    {"", IN_SPEC, "", NEVER, NEVER},
    {"", IN_SPEC, "hostUsers: false", NEVER, NEVER},
    {"", IN_SPEC, "hostUsers: true", NEVER, NEVER},
    {"", IN_SPEC, "shareProcessNamespace: true", NEVER, NEVER},
    {"", IN_SPEC, "automountServiceAccountToken: true", NEVER, NEVER},
    {"", IN_SECURITY, "readOnlyRootFilesystem: false", NEVER, NEVER},
    {"", IN_POD, "fsGroup: 0, supplementalGroups: [0]", NEVER, NEVER},
    {"", IN_CONTAINER, "image: 'web:latest'", NEVER, NEVER},

    /* Capabilities, baseline: added ones are of the runtimes' set but NET_RAW. Restricted since 1.22. */
    {"drop-capabilities", AS_SECURITY, ADDS("AUDIT_WRITE"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("CHOWN"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("DAC_OVERRIDE"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("FOWNER"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("FSETID"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("KILL"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("MKNOD"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("SETFCAP"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("SETGID"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("SETPCAP"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("SETUID"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("SYS_CHROOT"), NEVER, "22-"},
    {"", AS_SECURITY, ADDS("NET_BIND_SERVICE"), NEVER, NEVER},
    {"", AS_SECURITY, ADDS(""), NEVER, NEVER},
    {"drop-capabilities", AS_SECURITY, ADDS("NET_RAW"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("SYS_ADMIN"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("NET_ADMIN"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("SYS_PTRACE"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("BPF"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("ALL"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("CHOWN, NET_RAW"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("NET_BIND_SERVICE, CHOWN"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, ADDS("chown"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("CAP_CHOWN"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, ADDS("CAP_NET_BIND_SERVICE"), ALWAYS, ALWAYS},
    {"drop-capabilities", AS_SECURITY, "allowPrivilegeEscalation: false", NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, DROPS("{}"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, DROPS("{drop: []}"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, DROPS("{drop: [NET_RAW]}"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, DROPS("{drop: [all]}"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, DROPS("{drop: [CAP_ALL]}"), NEVER, "22-"},
    {"drop-capabilities", AS_SECURITY, DROPS("{add: [NET_BIND_SERVICE]}"), NEVER, "22-"},
    {"", AS_SECURITY, DROPS("{drop: [NET_RAW, ALL]}"), NEVER, NEVER},
    {"drop-capabilities", AS_SPEC, WINDOWS("allowPrivilegeEscalation: false"), NEVER, "22-24"},
    {"drop-capabilities", AS_SPEC, WINDOWS(ADDS("CHOWN")), NEVER, "22-24"},
    {"drop-capabilities", AS_SPEC, WINDOWS(ADDS("SYS_ADMIN")), ALWAYS, "0-24"},
    {"drop-capabilities", AS_SPEC, "os: {name: linux}, securityContext: {runAsNonRoot: true" SECCOMP("RuntimeDefault")
     "}, containers: [{name: c, securityContext: {allowPrivilegeEscalation: false}}]", NEVER, "22-"},

    /* Escalation: restricted, since the field came (1.8); not asked of Windows since 1.25. */
    {"no-privilege-escalation", AS_SECURITY, "capabilities: {drop: [ALL]}", NEVER, "8-"},
    {"no-privilege-escalation", AS_SECURITY, "allowPrivilegeEscalation: true, capabilities: {drop: [ALL]}", NEVER,
     "8-"},
    {"no-privilege-escalation", AS_SECURITY, "allowPrivilegeEscalation: null, capabilities: {drop: [ALL]}", NEVER,
     "8-"},
    {"", AS_SECURITY, "capabilities: {drop: [ALL]}, allowPrivilegeEscalation: false", NEVER, NEVER},
    {"no-privilege-escalation", AS_SPEC, WINDOWS("capabilities: {drop: [ALL]}"), NEVER, "8-24"},
    {"no-privilege-escalation", AS_SPEC, WINDOWS("capabilities: {drop: [ALL]}, allowPrivilegeEscalation: true"),
     NEVER, "8-24"},

    /* Privileged. */
    {"no-privileged", IN_SECURITY, "privileged: true", ALWAYS, ALWAYS},
    {"", IN_SECURITY, "privileged: false", NEVER, NEVER},
    {"", IN_SECURITY, "privileged: null", NEVER, NEVER},
    {"no-privileged", AS_SPEC, WINDOWS(GOOD ", privileged: true"), ALWAYS, ALWAYS},

    /* Seccomp: annotations before 1.19, fields since; restricted asks for one since 1.19, not of Windows since 1.25. */
    {"", AS_POD, "runAsNonRoot: true" SECCOMP("RuntimeDefault"), NEVER, NEVER},
    {"", AS_POD, "runAsNonRoot: true, seccompProfile: {type: Localhost, localhostProfile: x.json}", NEVER, NEVER},
    {"seccomp-default", AS_POD, "runAsNonRoot: true" SECCOMP("Unconfined"), "19-", "19-"},
    {"seccomp-default", AS_POD, "runAsNonRoot: true" SECCOMP("runtimeDefault"), "19-", "19-"},
    {"seccomp-default", AS_POD, "runAsNonRoot: true" SECCOMP("Other"), "19-", "19-"},
    {"seccomp-default", AS_POD, "runAsNonRoot: true, seccompProfile: {}", "19-", "19-"},
    {"seccomp-default", AS_POD, "runAsNonRoot: true", NEVER, "19-"},
    {"seccomp-default", AS_POD, "runAsNonRoot: true, seccompProfile: null", NEVER, "19-"},
    {"seccomp-default", IN_SECURITY, "seccompProfile: {type: Unconfined}", "19-", "19-"},
    {"seccomp-default", IN_SECURITY, "seccompProfile: {type: Other}", "19-", "19-"},
    {"", IN_SECURITY, "seccompProfile: {type: RuntimeDefault}", NEVER, NEVER},
    {"", IN_SECURITY, "seccompProfile: {type: Localhost, localhostProfile: x.json}", NEVER, NEVER},
    {"", AS_SPEC, TWO("", SECCOMP("RuntimeDefault"), SECCOMP("RuntimeDefault")), NEVER, NEVER},
    {"", AS_SPEC, TWO("", SECCOMP("RuntimeDefault"), SECCOMP("Localhost")), NEVER, NEVER},
    {"seccomp-default", AS_SPEC, TWO("", SECCOMP("RuntimeDefault"), ""), NEVER, "19-"},
    {"seccomp-default", AS_SPEC, TWO("", "", ""), NEVER, "19-"},
    {"seccomp-default", AS_SPEC, TWO("", SECCOMP("Unconfined"), SECCOMP("RuntimeDefault")), "19-", "19-"},
    {"seccomp-default", AS_SPEC, TWO(SECCOMP("Unconfined"), SECCOMP("RuntimeDefault"), SECCOMP("RuntimeDefault")),
     "19-", "19-"},
    {"seccomp-default", AS_SPEC, "os: {name: windows}, securityContext: {runAsNonRoot: true}, containers: [{name: c, "
     "securityContext: {" GOOD "}}]", NEVER, "19-24"},
    {"seccomp-default", AS_SPEC, WINDOWS(GOOD SECCOMP("Unconfined")), "19-", "19-24"},
    {"seccomp-default", IN_ANNOTATIONS, "seccomp.security.alpha.kubernetes.io/pod: unconfined", "0-18", "0-18"},
    {"seccomp-default", IN_ANNOTATIONS, "seccomp.security.alpha.kubernetes.io/pod: ''", "0-18", "0-18"},
    {"", IN_ANNOTATIONS, "seccomp.security.alpha.kubernetes.io/pod: runtime/default", NEVER, NEVER},
    {"", IN_ANNOTATIONS, "seccomp.security.alpha.kubernetes.io/pod: docker/default", NEVER, NEVER},
    {"", IN_ANNOTATIONS, "seccomp.security.alpha.kubernetes.io/pod: localhost/x.json", NEVER, NEVER},
    {"seccomp-default", IN_ANNOTATIONS, "container.seccomp.security.alpha.kubernetes.io/c: unconfined", "0-18", "0-18"},
    {"seccomp-default", IN_ANNOTATIONS, "container.seccomp.security.alpha.kubernetes.io/i: unconfined", "0-18", "0-18"},
    {"seccomp-default", IN_ANNOTATIONS, "container.seccomp.security.alpha.kubernetes.io/e: unconfined", "0-18", "0-18"},
    {"", IN_ANNOTATIONS, "container.seccomp.security.alpha.kubernetes.io/nobody: unconfined", NEVER, NEVER},
    {"", IN_ANNOTATIONS, "container.seccomp.security.alpha.kubernetes.io/c: runtime/default", NEVER, NEVER},

    /* AppArmor: annotations and fields, at every version. */
    {"apparmor-default", IN_ANNOTATIONS, "container.apparmor.security.beta.kubernetes.io/c: unconfined", ALWAYS,
     ALWAYS},
    {"apparmor-default", IN_ANNOTATIONS, "container.apparmor.security.beta.kubernetes.io/c: docker-default", ALWAYS,
     ALWAYS},
    {"apparmor-default", IN_ANNOTATIONS, "container.apparmor.security.beta.kubernetes.io/nobody: unconfined", ALWAYS,
     ALWAYS},
    {"", IN_ANNOTATIONS, "container.apparmor.security.beta.kubernetes.io/c: runtime/default", NEVER, NEVER},
    {"", IN_ANNOTATIONS, "container.apparmor.security.beta.kubernetes.io/c: localhost/web", NEVER, NEVER},
    {"", IN_ANNOTATIONS, "container.apparmor.security.beta.kubernetes.io/c: ''", NEVER, NEVER},
    {"apparmor-default", IN_POD, "appArmorProfile: {type: Unconfined}", ALWAYS, ALWAYS},
    {"apparmor-default", IN_POD, "appArmorProfile: {type: Other}", ALWAYS, ALWAYS},
    {"", IN_POD, "appArmorProfile: {type: RuntimeDefault}", NEVER, NEVER},
    {"", IN_POD, "appArmorProfile: {type: Localhost, localhostProfile: web}", NEVER, NEVER},
    {"apparmor-default", IN_SECURITY, "appArmorProfile: {type: Unconfined}", ALWAYS, ALWAYS},
    {"", IN_SECURITY, "appArmorProfile: {type: RuntimeDefault}", NEVER, NEVER},
    {"", IN_SECURITY, "appArmorProfile: {type: Localhost, localhostProfile: web}", NEVER, NEVER},

    /* SELinux. */
    {"", IN_POD, "seLinuxOptions: {}", NEVER, NEVER},
    {"", IN_POD, "seLinuxOptions: {type: container_t}", NEVER, NEVER},
    {"", IN_POD, "seLinuxOptions: {type: container_init_t}", NEVER, NEVER},
    {"", IN_POD, "seLinuxOptions: {type: container_kvm_t}", NEVER, NEVER},
    {"selinux-default", IN_POD, "seLinuxOptions: {type: container_engine_t}", "0-30", "0-30"},
    {"", IN_POD, "seLinuxOptions: {type: ''}", NEVER, NEVER},
    {"", IN_POD, "seLinuxOptions: {level: 's0:c1,c2'}", NEVER, NEVER},
    {"", IN_POD, "seLinuxOptions: {user: '', role: ''}", NEVER, NEVER},
    {"selinux-default", IN_POD, "seLinuxOptions: {type: spc_t}", ALWAYS, ALWAYS},
    {"selinux-default", IN_POD, "seLinuxOptions: {user: system_u}", ALWAYS, ALWAYS},
    {"selinux-default", IN_POD, "seLinuxOptions: {role: system_r}", ALWAYS, ALWAYS},
    {"selinux-default", IN_POD, "seLinuxOptions: {type: container_t, user: system_u}", ALWAYS, ALWAYS},
    {"", IN_SECURITY, "seLinuxOptions: {type: container_t}", NEVER, NEVER},
    {"selinux-default", IN_SECURITY, "seLinuxOptions: {type: container_engine_t}", "0-30", "0-30"},
    {"selinux-default", IN_SECURITY, "seLinuxOptions: {type: spc_t}", ALWAYS, ALWAYS},
    {"selinux-default", IN_SECURITY, "seLinuxOptions: {user: system_u}", ALWAYS, ALWAYS},
    {"selinux-default", IN_SECURITY, "seLinuxOptions: {role: system_r}", ALWAYS, ALWAYS},

    /* Namespaces, ports and HostProcess. */
    {"no-host-namespaces", IN_SPEC, "hostNetwork: true", ALWAYS, ALWAYS},
    {"no-host-namespaces", IN_SPEC, "hostPID: true", ALWAYS, ALWAYS},
    {"no-host-namespaces", IN_SPEC, "hostIPC: true", ALWAYS, ALWAYS},
    {"no-host-namespaces", IN_SPEC, "hostIPC: true, hostPID: true, hostNetwork: true", ALWAYS, ALWAYS},
    {"", IN_SPEC, "hostIPC: false, hostPID: false, hostNetwork: false", NEVER, NEVER},
    {"no-host-port", IN_CONTAINER, "ports: [{containerPort: 80, hostPort: 8080}]", ALWAYS, ALWAYS},
    {"no-host-port", IN_CONTAINER, "ports: [{containerPort: 80}, {containerPort: 53, hostPort: 53, protocol: UDP}]",
     ALWAYS, ALWAYS},
    {"", IN_CONTAINER, "ports: [{containerPort: 80, hostPort: 0}]", NEVER, NEVER},
    {"", IN_CONTAINER, "ports: [{containerPort: 80}]", NEVER, NEVER},
    {"no-host-namespaces no-host-port", AS_SPEC, "hostNetwork: true, securityContext: {runAsNonRoot: true"
     SECCOMP("RuntimeDefault") "}, containers: [{name: c, securityContext: {" GOOD "}, ports: [{containerPort: 80, "
     "hostPort: 80}]}]", ALWAYS, ALWAYS},
    {"no-host-process", IN_POD, "windowsOptions: {hostProcess: true}", ALWAYS, ALWAYS},
    {"", IN_POD, "windowsOptions: {hostProcess: false}", NEVER, NEVER},
    {"", IN_POD, "windowsOptions: {runAsUserName: ContainerUser}", NEVER, NEVER},
    {"no-host-process", IN_SECURITY, "windowsOptions: {hostProcess: true}", ALWAYS, ALWAYS},
    {"", IN_SECURITY, "windowsOptions: {hostProcess: false}", NEVER, NEVER},

    /* Hosts of probes and hooks, since 1.34. */
    {"no-probe-host", IN_CONTAINER, PROBE("livenessProbe", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, PROBE("readinessProbe", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, PROBE("startupProbe", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, SOCKET("livenessProbe", ", host: 10.0.0.1"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, SOCKET("readinessProbe", ", host: 10.0.0.1"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, SOCKET("startupProbe", ", host: 10.0.0.1"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, HOOK("postStart", "httpGet", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, HOOK("preStop", "httpGet", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, HOOK("postStart", "tcpSocket", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, HOOK("preStop", "tcpSocket", ", host: example"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, PROBE("livenessProbe", ", host: 127.0.0.1"), "34-", "34-"},
    {"no-probe-host", IN_CONTAINER, PROBE("livenessProbe", ", host: localhost"), "34-", "34-"},
    {"", IN_CONTAINER, PROBE("livenessProbe", ", host: ''"), NEVER, NEVER},
    {"", IN_CONTAINER, PROBE("livenessProbe", ""), NEVER, NEVER},
    {"", IN_CONTAINER, PROBE("livenessProbe", ", httpHeaders: [{name: Host, value: example}]"), NEVER, NEVER},
    {"", IN_CONTAINER, "livenessProbe: {grpc: {port: 80, service: web}}", NEVER, NEVER},
    {"", IN_CONTAINER, "livenessProbe: {exec: {command: [/web, check]}}", NEVER, NEVER},
    {"", IN_CONTAINER, "lifecycle: {preStop: {sleep: {seconds: 5}}}", NEVER, NEVER},

    /* Volumes: hostPath by both profiles, the types by restricted. */
    {"no-host-path", IN_SPEC, VOLUME(", hostPath: {path: /srv}"), ALWAYS, ALWAYS},
    {"no-host-path", IN_SPEC, VOLUME(", hostPath: {path: /run/docker.sock, type: Socket}"), ALWAYS, ALWAYS},
    {"no-host-path", IN_SPEC, VOLUME(", hostPath: {path: ./x}"), ALWAYS, ALWAYS},
    {"", IN_SPEC, VOLUME(""), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", hostPath: null"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", configMap: {name: x}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", csi: {driver: x.example}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", downwardAPI: {items: []}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", emptyDir: {}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", ephemeral: {volumeClaimTemplate: {spec: {}}}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", image: {reference: x}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", persistentVolumeClaim: {claimName: x}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", projected: {sources: []}"), NEVER, NEVER},
    {"", IN_SPEC, VOLUME(", secret: {secretName: x}"), NEVER, NEVER},
    {"restricted-volumes", IN_SPEC, VOLUME(", awsElasticBlockStore: {volumeID: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", azureDisk: {diskName: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", azureFile: {shareName: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", cephfs: {monitors: [x]}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", cinder: {volumeID: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", fc: {lun: 1}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", flexVolume: {driver: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", flocker: {datasetName: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", gcePersistentDisk: {pdName: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", gitRepo: {repository: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", glusterfs: {endpoints: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", iscsi: {iqn: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", nfs: {server: x, path: /}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", photonPersistentDisk: {pdID: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", portworxVolume: {volumeID: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", quobyte: {volume: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", rbd: {image: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", scaleIO: {system: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", storageos: {volumeName: x}"), NEVER, ALWAYS},
    {"restricted-volumes", IN_SPEC, VOLUME(", vsphereVolume: {volumePath: x}"), NEVER, ALWAYS},

    /* Kernel parameters: the safe ones, each with the version that took it up. */
    {"", IN_POD, SYSCTL("kernel.shm_rmid_forced"), NEVER, NEVER},
    {"", IN_POD, SYSCTL("net.ipv4.ip_local_port_range"), NEVER, NEVER},
    {"", IN_POD, SYSCTL("net.ipv4.tcp_syncookies"), NEVER, NEVER},
    {"", IN_POD, SYSCTL("net.ipv4.ping_group_range"), NEVER, NEVER},
    {"", IN_POD, SYSCTL("net.ipv4.ip_unprivileged_port_start"), NEVER, NEVER},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.ip_local_reserved_ports"), "0-26", "0-26"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_keepalive_time"), "0-28", "0-28"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_fin_timeout"), "0-28", "0-28"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_keepalive_intvl"), "0-28", "0-28"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_keepalive_probes"), "0-28", "0-28"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_rmem"), "0-31", "0-31"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_wmem"), "0-31", "0-31"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_slow_start_after_idle"), "0-36", "0-36"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.ipv4.tcp_notsent_lowat"), "0-36", "0-36"},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("kernel.msgmax"), ALWAYS, ALWAYS},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net.core.somaxconn"), ALWAYS, ALWAYS},
    {"no-unsafe-sysctls", IN_POD, SYSCTL("net/ipv4/tcp_syncookies"), ALWAYS, ALWAYS},
    {"no-unsafe-sysctls", IN_POD, "sysctls: [{name: kernel.shm_rmid_forced, value: '0'}, {name: vm.swappiness, "
     "value: '1'}]", ALWAYS, ALWAYS},
    {"", IN_POD, "sysctls: []", NEVER, NEVER},

    /* /proc: baseline takes it in a user namespace since 1.35. */
    {"", IN_SECURITY, "procMount: Default", NEVER, NEVER},
    {"no-unmasked-proc", IN_SECURITY, "procMount: Unmasked", ALWAYS, ALWAYS},
    {"no-unmasked-proc", IN_SECURITY, "procMount: Other", ALWAYS, ALWAYS},
    {"no-unmasked-proc", AS_SPEC, "hostUsers: false, " TWO(SECCOMP("RuntimeDefault"), ", procMount: Unmasked", ""),
     "0-34", ALWAYS},
    {"no-unmasked-proc", AS_SPEC, "hostUsers: true, " TWO(SECCOMP("RuntimeDefault"), ", procMount: Unmasked", ""),
     ALWAYS, ALWAYS},
    {"", AS_SPEC, "hostUsers: false, " TWO(SECCOMP("RuntimeDefault"), ", procMount: Default", ""), NEVER, NEVER},

    /* Users: restricted asks for runAsNonRoot, and since 1.23 against 0; not in a user namespace since 1.35. */
    {"non-root-user", AS_POD, "seccompProfile: {type: RuntimeDefault}", NEVER, ALWAYS},
    {"non-root-user", AS_POD, "runAsNonRoot: null" SECCOMP("RuntimeDefault"), NEVER, ALWAYS},
    {"non-root-user", AS_POD, "runAsNonRoot: false" SECCOMP("RuntimeDefault"), NEVER, ALWAYS},
    {"non-root-user", IN_SECURITY, "runAsNonRoot: false", NEVER, ALWAYS},
    {"", IN_SECURITY, "runAsNonRoot: true", NEVER, NEVER},
    {"", AS_SPEC, USERS("", "", ", runAsNonRoot: true", ", runAsNonRoot: true"), NEVER, NEVER},
    {"non-root-user", AS_SPEC, USERS("", "", ", runAsNonRoot: true", ""), NEVER, ALWAYS},
    {"non-root-user", AS_SPEC, USERS("", ", runAsNonRoot: false", ", runAsNonRoot: true", ", runAsNonRoot: true"),
     NEVER, ALWAYS},
    {"non-root-user", AS_SPEC, USERS("hostUsers: true, ", "", "", ""), NEVER, ALWAYS},
    {"non-root-user", AS_SPEC, USERS("hostUsers: false, ", "", "", ""), NEVER, "0-34"},
    {"non-root-user", AS_SPEC, USERS("hostUsers: false, ", "", ", runAsNonRoot: false", ""), NEVER, "0-34"},
    {"non-root-user", AS_SPEC, USERS("os: {name: windows}, ", "", "", ""), NEVER, ALWAYS},
    {"", IN_POD, "runAsUser: 1000", NEVER, NEVER},
    {"", IN_SECURITY, "runAsUser: 1000", NEVER, NEVER},
    {"non-root-user", IN_POD, "runAsUser: 0", NEVER, "23-"},
    {"non-root-user", IN_SECURITY, "runAsUser: 0", NEVER, "23-"},
    {"non-root-user", AS_SPEC, USERS("", ", runAsNonRoot: true, runAsUser: 0", ", runAsUser: 1", ", runAsUser: 1"),
     NEVER, "23-"},
    {"non-root-user", AS_SPEC, USERS("hostUsers: false, ", ", runAsNonRoot: true", ", runAsUser: 0", ""), NEVER,
     "23-34"},
    {"", IN_POD, "runAsGroup: 0", NEVER, NEVER},
    {"", IN_SECURITY, "runAsGroup: 0", NEVER, NEVER},

    {0, IN_SPEC, 0, 0, 0},
};
