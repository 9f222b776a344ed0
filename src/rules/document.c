/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the checked texts themselves. check/ tells their findings: no facts lead to them. */
#include "rules/families.h"

static const struct rule_source syntax_sources[] = {
    {"Dockerfile reference", "https://docs.docker.com/reference/dockerfile/"},
    {"Compose file reference", "https://docs.docker.com/reference/compose-file/"},
    {"YAML 1.2", "https://yaml.org/spec/1.2.2/"},
    {NULL, NULL},
};

static const struct rule_example syntax_examples[] = {
    {SURFACE_DOCKERFILE, "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY\nENTRYPOINT [\"/app\"]\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /app\nENTRYPOINT [\"/app\"]\n"},
    {SURFACE_COMPOSE, "services:\n  web:\n    image: app:1\n    image: app:2\n",
     "services:\n  web:\n    image: app:2\n"},
    {SURFACE_KUBERNETES, "apiVersion: v1\nkind: Pod\nmetadata: {name: web\nspec: {}\n",
     "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}\n"},
    {0, NULL, NULL},
};

const struct rule valid_syntax_rule = {
    .id = "valid-syntax",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .summary = "the platform can read the file as it is meant",
    .rationale =
        "What a platform cannot read it refuses, and what it reads differently than the author is worse: of two "
        "equal keys the last one wins, a broken variable becomes an empty text, an instruction that is not "
        "known stops the build. A broken place also hides what stands behind it from most checkers; here the "
        "rest of the file is judged all the same.",
    .remedy = "Correct the text at the place that is shown.",
    .sources = syntax_sources,
    .examples = syntax_examples,
};

static const struct rule_source rendered_sources[] = {
    {"helm template", "https://helm.sh/docs/helm/helm_template/"},
    {"Kubernetes: objects with Kustomize", "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/kustomization/"},
    {NULL, NULL},
};

static const struct rule_example rendered_examples[] = {
    {SURFACE_COMPOSE,
     "services:\n  web:\n    image: app:{{ version }}\n    {% if proxy %}\n    networks: [proxy]\n    {% endif %}\n",
     "services:\n  web:\n    image: app:1.4\n    networks: [proxy]\n"},
    {SURFACE_KUBERNETES,
     "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  containers:\n{{ toYaml "
     ".Values.containers "
     "}}\n",
     "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers: []\n"},
    {0, NULL, NULL},
};

const struct rule not_rendered_rule = {
    .id = "not-rendered",
    .severity = SEVERITY_NOTE,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .summary = "templates are judged by what they render to",
    .rationale = "A Helm or Jinja template is no manifest yet: which containers there are, and how they run, hangs on "
                 "values. A patch of a kustomization says only what it changes, and the rest is in another file. To "
                 "judge either by its text would be guessing in both directions, so it is not judged, and a run that "
                 "met one is not a pass.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Render it first and check the result: ... | barehull check - --as compose; or leave "
                                "it out with --exclude.",
            [SURFACE_KUBERNETES] = "Render it first (helm template ., kustomize build .) and check the result: ... | "
                                   "barehull check - --as kubernetes; or leave it out with --exclude.",
        },
    .sources = rendered_sources,
    .examples = rendered_examples,
};

static const struct rule_source waiver_sources[] = {
    {"SARIF 2.1.0, 3.35: suppressions", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html"},
    {NULL, NULL},
};

static const struct rule_example waiver_examples[] = {
    {SURFACE_DOCKERFILE,
     "# barehull: allow no-such-rule -- because\nFROM gcr.io/distroless/static-debian12:nonroot\nENTRYPOINT "
     "[\"/app\"]\n",
     "# barehull: allow image-labels -- the registry adds them\nFROM gcr.io/distroless/static-debian12:nonroot\n"
     "ENTRYPOINT [\"/app\"]\n"},
    {SURFACE_COMPOSE, "services:\n  web:\n    # barehull: allow read-only-root\n    image: app:1\n",
     "services:\n  # barehull: allow read-only-root -- writes its cache beside its program\n  web:\n    image: "
     "app:1\n"},
    {SURFACE_KUBERNETES,
     "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    barehull.dev/allow.no-privileged: \"\"\n"
     "spec:\n  containers: []\n",
     "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n"
     "    barehull.dev/allow.no-privileged: loads the node's kernel module\nspec:\n  containers:\n  - name: load\n"
     "    image: load:1\n    securityContext: {privileged: true}\n"},
    {0, NULL, NULL},
};

const struct rule valid_waivers_rule = {
    .id = "valid-waivers",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .summary = "an exception names a rule, has a reason, and is needed",
    .rationale = "A waiver is a decision that somebody must be able to find and question later. Without a reason it "
                 "can't be questioned; one that names no rule, or that nothing needs any more, says that a danger is "
                 "accepted which nobody accepted.",
    .remedy = "Write '# barehull: allow RULE -- reason', and remove it when the finding is gone.",
    .sources = waiver_sources,
    .examples = waiver_examples,
};
