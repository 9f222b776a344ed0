# SPDX-License-Identifier: Apache-2.0
"""What `barehull init` writes, on the cluster: the API server takes every set, and one of them becomes ready."""
import json
import subprocess
from pathlib import Path

APPS = Path(__file__).resolve().parent.parent / "init-apps"
# (name, kind of its pods, what is described, words)
SETS = [
    ("shop", "deployment", "go", ["-p", "8080", "--health", "/healthz", "--live", "/livez", "--metrics", "/metrics",
                                  "--metrics-port", "9090", "-w", "/var/cache/shop:32Mi", "-s", "TOKEN=shop-token:token",
                                  "-e", "MODE=plain", "--memory", "96Mi", "--cpu", "250m"]),
    ("ledger", "statefulset", "rust", ["-p", "8080", "--health", "/", "--volume", "/var/lib/ledger:1Gi",
                                        "-s", "KEY=ledger"]),
    ("mill", "deployment", "c-make", ["-p", "0", "-w", "/var/spool/mill:16Mi", "-s", "KEY=mill-key"]),
    ("tally", "deployment", "python-uv", ["-p", "8000", "--health", "/", "--replicas", "3"]),
]


def write(barehull, described, name, folder, words):
    """The directory of manifests, and what init said."""
    done = subprocess.run([barehull, "init", "--yes", "--write", "kubernetes", "-n", name, "-d", folder, *words, described],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def kinds(folder):
    return sorted(file.stem for file in folder.glob("*.yaml") if file.stem != "kustomization")


def show_admitted(test, cluster, barehull):
    """Applied as their own last line says: kubectl apply -k k8s."""
    for name, pods, app, words in SETS:
        folder = cluster.work / "generated" / name
        folder.mkdir(parents=True)
        done, said = write(barehull, APPS / app, name, folder, words)
        if not test.check(f"init writes '{name}'", done, said):
            continue
        manifests = folder / "k8s"
        test.judge_newer(name, manifests)
        for file in manifests.glob("*.yaml"):
            file.write_text(test.translate(file.read_text()))
        # Strictly: a field that is not known, or is there twice, is refused.
        done = cluster.kubectl("apply", "-k", manifests, "--validate=true", check=False)
        test.check(f"the API server takes '{name}': {', '.join(kinds(manifests))}", done.returncode == 0,
                   done.stderr + done.stdout)
        test.equal(f"'{name}': each of its objects is there", len(kinds(manifests)), len(done.stdout.splitlines()))
        template = cluster.get(pods, name, "-n", name)["spec"]["template"]["spec"]
        test.equal(f"'{name}': its pods have an account of their own", name, template["serviceAccountName"])
        made = test.until(30, lambda name=name: cluster.get("pods", "-n", name)["items"])
        test.check(f"'{name}': the {pods}'s controller makes pods of it", made)
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def show_ready(test, cluster, barehull, image, digest):
    """Of an image that is there: barehull's own, about which init finds out what it needs."""
    folder = cluster.work / "generated" / "own"
    folder.mkdir(parents=True)
    words = ["--image", f"barehull@{digest}", "-e", "ALLOWED_ORIGINS=https://app.example.org", "-e",
             "ALLOWED_HOSTS=own.own.svc", "--metrics", "/metrics", "-w", "/var/cache/own:16Mi"]
    done, said = write(barehull, f"oci:{image / 'oci'}:0.1.0", "own", folder, words)
    if not test.check("init writes files for an image", done, said):
        return
    test.check("and finds nothing in them", "checked:    passes" in said, said)
    manifests = folder / "k8s"
    test.judge_newer("own", manifests)
    for file in manifests.glob("*.yaml"):
        file.write_text(test.translate(file.read_text()))
    done = cluster.kubectl("apply", "-k", manifests, check=False)
    test.check("the API server takes them", done.returncode == 0, done.stderr)
    done = cluster.kubectl("rollout", "status", "deployment/own", "-n", "own", "--timeout=120s", check=False)
    pods = cluster.get("pods", "-n", "own")["items"]
    test.check("the generated deployment becomes available", done.returncode == 0,
               done.stderr + json.dumps([p["status"] for p in pods])[:3000])

    def ready():
        subsets = cluster.get("endpoints", "own", "-n", "own").get("subsets") or []
        return [address["ip"] for subset in subsets for address in subset.get("addresses", [])]
    ips = test.until(120, lambda: len(ready()) == 2 and ready())
    test.check("the autoscaler, which has no metrics here, asks for the two that are the least", ips,
               cluster.kubectl("describe", "hpa", "own", "-n", "own").stdout[-1500:])
    for ip in ips or []:
        status, body = test.ask(ip, "GET", "/", host="own.own.svc")
        test.check("a pod of the generated set answers by the Service's name", status == 200, f"{status} {body[:200]}")
    allowed = test.until(60, lambda: cluster.get("pdb", "own", "-n", "own")["status"].get("disruptionsAllowed") == 1)
    test.check("its budget counts them", allowed)
    cluster.kubectl("delete", "namespace", "own", "--wait=false")
