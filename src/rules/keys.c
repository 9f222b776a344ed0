/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/judge.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n"                       \
    "      image: registry.example/web:1.2\n      securityContext:\n" lines
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

static void known_keys(struct judge *judge, const struct pod *pod);

const struct rule known_keys_rule = {
    .id = "known-keys",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "every key is one that the platform knows, in its place and of its type",
    .rationale =
        "A key that is spelled wrong, or stands one level too high, hardens nothing. Kubernetes drops a field that it "
        "does not know unless the client asks for strict validation, so that readOnlyRootFileSystem: true leaves the "
        "root writable and nobody is told; readOnlyRootFilesystem in the pod's securityContext is lost the same way, "
        "because only a container has it. A value of a wrong type (\"true\" in quotes) is refused when the object is "
        "applied, which is late. Compose refuses unknown keys at start, and takes none of them before.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Write the key as the Compose specification has it, at its level, with a value of its "
                                "type. A key of your own begins with x-.",
            [SURFACE_KUBERNETES] = "Write the key as the API reference has it, at its level, with a value of its type. "
                                   "A key of your own goes into annotations or labels.",
        },
    .sources =
        (const struct rule_source[]){
            {"Kubernetes API reference: Pod", "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/"
                                              "pod-v1/"},
            {"Kubernetes: field validation", "https://kubernetes.io/docs/reference/using-api/api-concepts/"
                                             "#field-validation"},
            {"Compose file reference: services", "https://docs.docker.com/reference/compose-file/services/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    readonly: true\n"), SERVICE("    read_only: true\n")},
            {SURFACE_KUBERNETES, POD("        readOnlyRootFileSystem: true\n"),
             POD("        readOnlyRootFilesystem: true\n")},
            {0},
        },
    .pod = known_keys,
};

static void judge_unknown_key(struct judge *judge, const struct key_problem *problem)
{
    const char *shown = judge_shown(judge, problem->at);
    judge_fail(judge, problem->at, "%s is no key of %s", shown ? shown : "this", problem->object);
    if (!problem->suggestion)
        return;
    judge_expect(judge, "%s", problem->suggestion);
    judge_remedy(judge, "Write '%s'.", problem->suggestion);
}

static void judge_misplaced(struct judge *judge, const struct key_problem *problem)
{
    const char *shown = judge_shown(judge, problem->at);
    const char *name = problem->suggestion;
    judge_fail(judge, problem->at, "%s has no effect in %s", shown ? shown : "this", problem->object);
    if (!problem->expected)
        return;
    if (name) {
        judge_expect(judge, "'%s' %s", name, problem->expected);
        judge_remedy(judge, "Write '%s' %s.", name, problem->expected);
    } else {
        judge_expect(judge, "it belongs %s", problem->expected);
        judge_remedy(judge, "Write it %s.", problem->expected);
    }
}

static void judge_wrong_type(struct judge *judge, const struct key_problem *problem)
{
    const char *shown = judge_shown(judge, problem->at);
    judge_fail(judge, problem->at, "'%.*s' of %s is %s, not %s", STR_ARG(problem->key), problem->object,
               shown ? shown : "something else", problem->expected);
    judge_expect(judge, "%s", problem->expected);
}

static void known_keys(struct judge *judge, const struct pod *pod)
{
    for (size_t i = 0; i < pod->key_problem_count; i++) {
        const struct key_problem *problem = &pod->key_problems[i];
        switch (problem->kind) {
        case KEY_UNKNOWN:
            judge_unknown_key(judge, problem);
            break;
        case KEY_MISPLACED:
            judge_misplaced(judge, problem);
            break;
        case KEY_WRONG_TYPE:
            judge_wrong_type(judge, problem);
            break;
        case KEY_DUPLICATE:
            judge_fail(judge, problem->at, "'%.*s' stands twice in %s, and one of them is lost", STR_ARG(problem->key),
                       problem->object);
            break;
        }
    }
}
