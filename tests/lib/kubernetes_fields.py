# SPDX-License-Identifier: Apache-2.0
"""tests/lib/kubernetes_fields.py - the fields of policy/v1 PodDisruptionBudget and autoscaling/v2 HorizontalPodAutoscaler.

The API server that tests run is of 1.20, which knows neither. These lists are facts of the OpenAPI documents that the
Kubernetes project publishes: github.com/kubernetes/kubernetes, api/openapi-spec/v3/apis__policy__v1_openapi.json
(io.k8s.api.policy.v1.PodDisruptionBudgetSpec) and apis__autoscaling__v2_openapi.json (HorizontalPodAutoscalerSpec and
what it is made of), read as of 1.24, with what came later and is there in 1.37: unhealthyPodEvictionPolicy (1.26, stable
in 1.31) and `tolerance` of scaling rules (1.33). Values of strings: the Go types in k8s.io/api.

A schema is a dictionary of fields, a list of one schema, a set of the strings that may stand there, or a check; a field
that has to be there has a '!' behind its name.
"""


def number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def share(value):  # IntOrString: pods, or a percentage of them
    return number(value) or (isinstance(value, str) and value.endswith("%") and value[:-1].isdigit())


def text(value):
    return isinstance(value, str) and value != ""


def quantity(value):
    return text(value) or number(value)


def labels(value):
    return isinstance(value, dict) and all(text(key) and isinstance(own, str) for key, own in value.items())


SELECTOR = {"matchLabels": labels, "matchExpressions": [
    {"key!": text, "operator!": {"In", "NotIn", "Exists", "DoesNotExist"}, "values": [text]}]}
METADATA = {"name!": text, "namespace": text, "labels": labels, "annotations": labels}
TARGET = {"type!": {"Utilization", "Value", "AverageValue"}, "averageUtilization": number, "averageValue": quantity,
          "value": quantity}
METRIC = {"name!": text, "selector": SELECTOR}
OBJECT = {"apiVersion": text, "kind!": text, "name!": text}
RULES = {"policies": [{"type!": {"Pods", "Percent"}, "value!": number, "periodSeconds!": number}],
         "selectPolicy": {"Max", "Min", "Disabled"}, "stabilizationWindowSeconds": number, "tolerance": quantity}
SCHEMAS = {
    ("policy/v1", "PodDisruptionBudget"): {
        "maxUnavailable": share, "minAvailable": share, "selector!": SELECTOR,
        "unhealthyPodEvictionPolicy": {"IfHealthyBudget", "AlwaysAllow"}},
    ("autoscaling/v2", "HorizontalPodAutoscaler"): {
        "scaleTargetRef!": OBJECT, "minReplicas": number, "maxReplicas!": number,
        "metrics": [{"type!": {"ContainerResource", "External", "Object", "Pods", "Resource"},
                     "containerResource": {"container!": text, "name!": text, "target!": TARGET},
                     "external": {"metric!": METRIC, "target!": TARGET},
                     "object": {"describedObject!": OBJECT, "metric!": METRIC, "target!": TARGET},
                     "pods": {"metric!": METRIC, "target!": TARGET},
                     "resource": {"name!": text, "target!": TARGET}}],
        "behavior": {"scaleUp": RULES, "scaleDown": RULES}},
}


def compare(value, schema, path):
    if callable(schema):
        return [] if schema(value) else [f"{path}: {value!r}"]
    if isinstance(schema, set):
        return [] if value in schema else [f"{path}: {value!r} is none of {sorted(schema)}"]
    if isinstance(schema, list):
        if not isinstance(value, list) or not value:
            return [f"{path}: no list"]
        return [wrong for at, item in enumerate(value) for wrong in compare(item, schema[0], f"{path}[{at}]")]
    if not isinstance(value, dict):
        return [f"{path}: no object"]
    known = {name.rstrip("!"): own for name, own in schema.items()}
    wrong = [f"{path}.{name}: unknown" for name in value if name not in known]
    wrong += [f"{path}.{name[:-1]}: missing" for name in schema if name.endswith("!") and name[:-1] not in value]
    return wrong + [one for name in value if name in known for one in compare(value[name], known[name], f"{path}.{name}")]


def beyond_fields(document):
    """What the fields alone don't tell: two that exclude each other, values beyond their bounds."""
    spec, kind = document.get("spec") or {}, document["kind"]
    if kind == "PodDisruptionBudget":
        return ["spec: one of maxUnavailable and minAvailable"] * (("maxUnavailable" in spec) == ("minAvailable" in spec))
    wrong = []
    if number(spec.get("maxReplicas")) and not 1 <= spec.get("minReplicas", 1) <= spec["maxReplicas"]:
        wrong.append("spec.minReplicas: not between 1 and maxReplicas")
    for metric in spec.get("metrics") or []:
        own = str(metric.get("type", ""))
        if set(metric) != {"type", own[:1].lower() + own[1:]}:
            wrong.append("spec.metrics: the source is not that of its type")
    for rules in (spec.get("behavior") or {}).values():
        if not 0 <= rules.get("stabilizationWindowSeconds", 0) <= 3600:
            wrong.append("spec.behavior: stabilizationWindowSeconds beyond an hour")
        if any(not 0 < policy.get("periodSeconds", 0) <= 1800 for policy in rules.get("policies", [])):
            wrong.append("spec.behavior: periodSeconds beyond half an hour")
    return wrong


def is_known(document):
    return isinstance(document, dict) and (document.get("apiVersion"), document.get("kind")) in SCHEMAS


def wrong_fields(document):
    """What is wrong with DOCUMENT, one of SCHEMAS' kinds."""
    schema = {"apiVersion!": text, "kind!": text, "metadata!": METADATA,
              "spec!": SCHEMAS[document["apiVersion"], document["kind"]]}
    return compare(document, schema, document["kind"]) or beyond_fields(document)
