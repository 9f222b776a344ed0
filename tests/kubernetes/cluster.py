# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes of one node, in the namespaces of whoever starts it (network, mounts, processes): etcd, API server,
controller manager, scheduler, containerd, kubelet. Nothing of it is reachable from outside, and what stops it is the end
of the process namespace. Cgroups are below one of its own."""
import json
import os
import subprocess
import time
from pathlib import Path

ADDRESS = "10.99.0.1"  # of the node, on a link of its own
SERVICES, PODS = "10.96.0.0/24", "10.244.0.0/24"
CGROUPS = Path("/sys/fs/cgroup")
GATES = "EphemeralContainers=true"
NODE = "node1"


class Cluster:
    def __init__(self, programs, work):
        self.bin, self.work, self.processes = Path(programs), Path(work), {}
        self.socket = self.work / "containerd.sock"
        self.kubeconfig = self.work / "admin.conf"

    # --- pieces ---------------------------------------------------------------------------------------------------

    def start(self, name, *words, **env):
        log = open(self.work / f"{name}.log", "wb")
        self.processes[name] = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=log,
                                                stderr=subprocess.STDOUT, env={**os.environ, **env})

    def log(self, name, lines=25):
        text = (self.work / f"{name}.log").read_text(errors="replace")
        return "\n".join(line[:400] for line in text.splitlines()[-lines:])

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                       cwd=self.work)

    def certificate(self, name, subject, names=""):
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                     subject)
        extensions = "extendedKeyUsage=serverAuth,clientAuth\n" + (f"subjectAltName={names}\n" if names else "")
        (self.work / f"{name}.ext").write_text(extensions)
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "2", "-out", f"{name}.crt", "-extfile", f"{name}.ext")

    def configure(self, name, path):
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "c",
                  "clusters": [{"name": "c", "cluster": {"server": f"https://{ADDRESS}:6443",
                                                         "certificate-authority": str(self.work / "ca.crt")}}],
                  "users": [{"name": "u", "user": {"client-certificate": str(self.work / f"{name}.crt"),
                                                   "client-key": str(self.work / f"{name}.key")}}],
                  "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}
        path.write_text(json.dumps(config))

    def certificates(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "ca.key", "-out",
                     "ca.crt", "-subj", "/CN=test")
        self.certificate("apiserver", "/CN=kube-apiserver",
                         f"IP:127.0.0.1,IP:{ADDRESS},IP:10.96.0.1,DNS:localhost,DNS:kubernetes")
        self.certificate("admin", "/O=system:masters/CN=admin")
        self.certificate("kubelet", f"/O=system:nodes/CN=system:node:{NODE}", f"IP:{ADDRESS},DNS:{NODE}")
        self.openssl("genrsa", "-out", "sa.key", "2048")
        self.openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")
        self.configure("admin", self.kubeconfig)
        self.configure("kubelet", self.work / "kubelet.conf")

    # --- the machine ------------------------------------------------------------------------------------------------

    def prepare(self):
        """Network of the namespace; what the kubelet would set for the whole machine looks set already."""
        for words in (["link", "set", "lo", "up"], ["link", "add", "node0", "type", "veth", "peer", "name", "node1"],
                      ["addr", "add", f"{ADDRESS}/24", "dev", "node0"], ["link", "set", "node0", "up"], ["link", "set", "node1", "up"],
                      ["route", "add", "default", "via", "10.99.0.254"]):
            subprocess.run(["ip", *words], check=True)
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        wanted = {"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10",
                  "kernel/panic_on_oops": "1", "kernel/keys/root_maxkeys": "1000000",
                  "kernel/keys/root_maxbytes": "25000000"}
        for name, value in wanted.items():
            file = self.work / ("sysctl-" + name.replace("/", "-"))
            file.write_text(value + "\n")
            if Path("/proc/sys", name).exists():
                subprocess.run(["mount", "--bind", file, f"/proc/sys/{name}"], check=True)
        self.cgroup = f"/barehull-kubernetes-{os.environ['CLUSTER_ID']}"
        for hierarchy in CGROUPS.iterdir():
            group = hierarchy / self.cgroup[1:]
            if hierarchy.is_dir() and not hierarchy.is_symlink():
                group.mkdir(exist_ok=True)
            for file in ("cpuset.cpus", "cpuset.mems"):
                if (group / file).exists() and not (group / file).read_text().strip():
                    (group / file).write_text((hierarchy / file).read_text())

    def containerd(self, pause):
        net = self.work / "cni"
        net.mkdir()
        (net / "10-ptp.conflist").write_text(json.dumps({
            "cniVersion": "0.4.0", "name": "pods", "plugins": [
                {"type": "ptp", "ipMasq": False,
                 "ipam": {"type": "host-local", "subnet": PODS, "dataDir": str(self.work / "ipam"),
                          "routes": [{"dst": "0.0.0.0/0"}]}}]}))
        (self.work / "containerd.toml").write_text(f'''version = 2
root = "{self.work}/containerd"
state = "{self.work}/containerd-state"
[grpc]
  address = "{self.socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{self.work}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{net}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
''')
        self.start("containerd", "containerd", "--config", self.work / "containerd.toml")
        self.wait("containerd", 60, lambda: subprocess.run(self.ctr("version"), capture_output=True).returncode == 0)

    def ctr(self, *words):
        return ["ctr", "--address", str(self.socket), "-n", "k8s.io", *map(str, words)]

    def control_plane(self):
        w = self.work
        self.start("etcd", "etcd", "--data-dir", w / "etcd", "--listen-client-urls", "http://127.0.0.1:2379",
                   "--advertise-client-urls", "http://127.0.0.1:2379", "--listen-peer-urls", "http://127.0.0.1:2380",
                   "--unsafe-no-fsync", ETCD_UNSUPPORTED_ARCH="")
        self.start("apiserver", self.bin / "kube-apiserver", "--etcd-servers", "http://127.0.0.1:2379",
                   "--bind-address", "0.0.0.0", "--advertise-address", ADDRESS, "--service-cluster-ip-range", SERVICES,
                   "--tls-cert-file", w / "apiserver.crt", "--tls-private-key-file", w / "apiserver.key",
                   "--client-ca-file", w / "ca.crt", "--kubelet-certificate-authority", w / "ca.crt",
                   "--kubelet-client-certificate", w / "admin.crt", "--kubelet-client-key", w / "admin.key",
                   "--kubelet-preferred-address-types", "InternalIP", "--authorization-mode", "Node,RBAC",
                   "--enable-admission-plugins", "NodeRestriction", "--allow-privileged=false",
                   "--service-account-key-file", w / "sa.pub", "--service-account-signing-key-file", w / "sa.key",
                   "--service-account-issuer", "https://kubernetes.default.svc", "--feature-gates", GATES,
                   "--cert-dir", w / "apiserver-certs")
        self.wait("apiserver", 180, lambda: self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0)
        common = ["--kubeconfig", self.kubeconfig, "--feature-gates", GATES]
        self.start("controller-manager", self.bin / "kube-controller-manager", *common, "--bind-address", "127.0.0.1",
                   "--service-account-private-key-file", w / "sa.key", "--root-ca-file", w / "ca.crt",
                   "--use-service-account-credentials=false", "--cert-dir", w / "manager-certs")
        self.start("scheduler", self.bin / "kube-scheduler", *common, "--bind-address", "127.0.0.1",
                   "--cert-dir", w / "scheduler-certs")

    def kubelet(self):
        w = self.work
        config = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
                  "cgroupDriver": "cgroupfs", "cgroupRoot": self.cgroup, "failSwapOn": False,
                  "protectKernelDefaults": True, "address": ADDRESS, "oomScoreAdj": 0, "readOnlyPort": 0,
                  "featureGates": {"EphemeralContainers": True}, "enforceNodeAllocatable": [],
                  "makeIPTablesUtilChains": False, "evictionHard": {"memory.available": "50Mi"},
                  "imageGCHighThresholdPercent": 100, "tlsCertFile": str(w / "kubelet.crt"), "clusterDNS": ["10.96.0.10"],
                  "clusterDomain": "cluster.local", "resolvConf": "",
                  "tlsPrivateKeyFile": str(w / "kubelet.key"), "healthzBindAddress": "127.0.0.1",
                  "authentication": {"x509": {"clientCAFile": str(w / "ca.crt")}, "anonymous": {"enabled": False}}}
        (w / "kubelet.json").write_text(json.dumps(config))
        self.start("kubelet", self.bin / "kubelet", "--config", w / "kubelet.json", "--kubeconfig", w / "kubelet.conf",
                   "--root-dir", w / "kubelet", "--cert-dir", w / "kubelet-certs", "--hostname-override", NODE,
                   "--node-ip", ADDRESS, "--container-runtime", "remote",
                   "--container-runtime-endpoint", f"unix://{self.socket}", "--seccomp-profile-root", w / "seccomp")
        self.wait("kubelet", 180, self.node_ready)

    # --- questions --------------------------------------------------------------------------------------------------

    def wait(self, name, seconds, condition):
        """Until CONDITION holds; a daemon that ended, or no end of waiting, tells the daemon's last words."""
        until = time.monotonic() + seconds
        while not condition():
            if self.processes[name].poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"'{name}' did not come up:\n{self.log(name)}")
            time.sleep(0.3)

    def kubectl(self, *words, check=True, text=None):
        done = subprocess.run([self.bin / "kubectl", "--kubeconfig", self.kubeconfig, *map(str, words)],
                              input=text, capture_output=True, text=True, timeout=180)
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done

    def get(self, *words):
        return json.loads(self.kubectl("get", *words, "-o", "json").stdout)

    def node_ready(self):
        done = self.kubectl("get", "node", NODE, "-o", "json", check=False)
        return done.returncode == 0 and any(c["type"] == "Ready" and c["status"] == "True"
                                            for c in json.loads(done.stdout)["status"].get("conditions", []))
