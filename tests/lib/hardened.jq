# SPDX-License-Identifier: Apache-2.0
#
# Turns the config.json that `umoci unpack` wrote into the hardened posture: read-only root, no capabilities, no new
# privileges, seccomp, own namespaces, tmpfs at /tmp. The image's user, environment and entrypoint stay as they are.
#
#   $seccomp   the profile in the format of containers/common (slurped: an array of one)
#   $netns     path of a network namespace, or "" for a new one without any interface up
#   $image     the image's config (slurped): its entrypoint stays in front of $args
#   $args      arguments after the entrypoint; null leaves the image's own command
#   $mounts    further mounts
#   $rootfs    absolute path of the unpacked root

# The runtime's format knows no conditions: decide them for amd64 and a process without any capability.
def seccomp:
  { defaultAction, defaultErrnoRet,
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [ .syscalls[]
      | select((.includes.caps // []) == [])
      | select((.includes.arches // ["amd64"]) | index("amd64"))
      | select((.excludes.arches // []) | index("amd64") | not)
      | {names, action}
        + (if .errnoRet then {errnoRet} else {} end)
        + (if (.args // []) != [] then {args} else {} end) ] };

.process.terminal = false
| .process.noNewPrivileges = true
| .process.capabilities = {bounding: [], effective: [], inheritable: [], permitted: [], ambient: []}
| (if $args == null then . else .process.args = (($image[0].config.Entrypoint // []) + $args) end)
| .root = {path: $rootfs, readonly: true}
| .mounts |= map(select(.destination != "/sys/fs/cgroup" and .destination != "/dev/mqueue"))
| .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs",
               options: ["noexec", "nosuid", "nodev", "size=16m", "mode=1777"]}] + $mounts
| .linux.namespaces = [{type: "pid"}, {type: "ipc"}, {type: "uts"}, {type: "mount"},
                       ({type: "network"} + if $netns == "" then {} else {path: $netns} end)]
| .linux.seccomp = ($seccomp[0] | seccomp)
