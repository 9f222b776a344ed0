#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the inputs of the check groups (bench/check.py): always the same bytes, in the style of what people write.

    check_inputs.py DIRECTORY

`clean` ones break no rule; `typical` ones are what `kubectl create` and `helm template` give when nobody thought of
security: ten findings or so for each workload.
"""
import json
import os
import sys

DOCKERFILE = """FROM gcr.io/distroless/cc-debian12:nonroot
HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1
ENTRYPOINT ["/app","$PORT"]
"""

MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/version: "{version}"
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
"""

CLEAN_POD = """      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "8080"
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      containers:
        - name: {name}
          image: registry.example.com/shop/{name}:{version}@{digest}
          args: ["--listen=:8080", "--shop={namespace}"]
          ports:
            - name: http
              containerPort: 8080
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              cpu: 500m
              memory: 128Mi
              ephemeral-storage: 64Mi
          securityContext:
            runAsNonRoot: true
            runAsUser: 65532
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
            seccompProfile:
              type: RuntimeDefault
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
"""

TYPICAL_POD = """        app.kubernetes.io/part-of: shop
    spec:
      restartPolicy: Always
      terminationGracePeriodSeconds: 30
      containers:
        - name: {name}
          image: docker.io/shop/{name}:{version}
          imagePullPolicy: IfNotPresent
          command: ["/bin/sh", "-c", "exec /srv/{name} --listen=:8080"]
          env:
            - name: DATABASE_URL
              value: postgres://db.{namespace}.svc:5432/shop
            - name: LOG_LEVEL
              value: info
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          ports:
            - name: http
              containerPort: 8080
              protocol: TCP
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
          volumeMounts:
            - name: config
              mountPath: /etc/{name}
      volumes:
        - name: config
          configMap:
            name: {name}
"""

CLEAN_SERVICE = """  {name}:
    image: registry.example.com/shop/{name}:{version}@{digest}
    user: "65532:65532"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    init: true
    tmpfs: ["/tmp:size=64m"]
    labels:
      prometheus.io/scrape: "true"
      prometheus.io/port: "8080"
    mem_limit: 128m
    cpus: 0.5
    pids_limit: 100
    restart: unless-stopped
    environment:
      LOG_LEVEL: info
    ports: ["127.0.0.1:8080:8080"]
    healthcheck:
      test: ["CMD", "/srv/{name}", "health"]
      interval: 30s
"""

TYPICAL_SERVICE = """  {name}:
    image: shop/{name}:{version}
    restart: always
    environment:
      - LOG_LEVEL=info
      - DATABASE_URL=postgres://db:5432/shop
    ports:
      - "8080:8080"
    volumes:
      - ./config:/etc/{name}
    depends_on:
      - db
  db:
    image: postgres:16.4
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data: {{}}
"""

LINTED_DOCKERFILE = """FROM node:20.18.1-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
RUN npm run build && npm cache clean --force
FROM node:20.18.1-bookworm-slim
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /src/dist ./dist
ENV NODE_ENV=production
EXPOSE 8080
CMD node dist/{name}.js
"""


def fill(text, number):
    return text.format(name=f"web-{number:05}", namespace=f"team-{number % 17}", version=f"1.{number % 40}.{number % 7}",
                       digest=f"sha256:{number:064x}")


def manifest(number, clean):
    return fill(MANIFEST + (CLEAN_POD if clean else TYPICAL_POD), number)


def stream(out, size, clean):
    """Documents until SIZE bytes are full."""
    number = written = 0
    while written < size:
        written += out.write("---\n" + manifest(number, clean))
        number += 1


def config_map(lines):
    body = "".join(f"    setting.{i:06}.name = the value of setting {i}, as an application reads it\n"
                   for i in range(lines))
    return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  app.properties: |\n" + body


def deployment_list(count):
    items = []
    for number in range(count):
        lines = manifest(number, True).splitlines(True)
        items.append("- " + lines[0] + "".join("  " + line for line in lines[1:]))
    return "apiVersion: v1\nkind: List\nitems:\n" + "".join(items)


def json_deployment(number):
    name = f"web-{number:05}"
    labels = {"app.kubernetes.io/name": name}
    container = {"name": name, "image": f"registry.example.com/shop/{name}:1.2.3@sha256:{number:064x}",
                 "args": ["--listen=:8080"], "ports": [{"name": "http", "containerPort": 8080}],
                 "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
                 "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
                 "resources": {"limits": {"cpu": "500m", "memory": "128Mi", "ephemeral-storage": "64Mi"}},
                 "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "allowPrivilegeEscalation": False,
                                     "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
                                     "seccompProfile": {"type": "RuntimeDefault"}},
                 "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}
    pod = {"automountServiceAccountToken": False, "containers": [container],
           "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}]}
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
            "spec": {"replicas": 3, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels, "annotations": annotations}, "spec": pod}}}


def json_list(size):
    items, written = [], 0
    while written < size:
        items.append(json.dumps(json_deployment(len(items)), indent=4))
        written += len(items[-1])
    return '{"apiVersion": "v1", "kind": "List", "items": [\n' + ",\n".join(items) + "\n]}\n"


def main(root):
    def write(name, text):
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            if callable(text):
                text(out)
            else:
                out.write(text)

    write("one/Dockerfile", DOCKERFILE)
    write("one/web.yaml", manifest(0, True))
    write("one/compose.yaml", "services:\n" + fill(TYPICAL_SERVICE, 0))
    for kind in ("clean", "typical"):
        clean = kind == "clean"
        for number in range(100):
            write(f"hundred-{kind}/web-{number:03}.yaml", manifest(number, clean))
        service = "services:\n" + (CLEAN_SERVICE if clean else TYPICAL_SERVICE)
        for number in range(1000):
            write(f"compose-{kind}/app-{number:04}/compose.yaml", fill(service, number))
        write(f"ten-{kind}.yaml", lambda out, clean=clean: stream(out, 10_000_000, clean))
        write(f"large-{kind}.yaml", lambda out, clean=clean: stream(out, 200_000_000 if clean else 20_000_000, clean))
    for number in range(100):
        write(f"dockerfiles/app-{number:03}/Dockerfile", fill(LINTED_DOCKERFILE, number))
        write(f"composes/app-{number:03}/compose.yaml", "services:\n" + fill(TYPICAL_SERVICE, number))
    write("config-maps.yaml", lambda out: [out.write("---\n" + config_map(70_000)) for _ in range(4)])
    write("deployment-list.yaml", deployment_list(3000))
    write("list.json", json_list(10_000_000))


if __name__ == "__main__":
    main(sys.argv[1])
