/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#include "base/num.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n" lines "  containers:\n    - name: web\n"              \
    "      image: registry.example/web:1.2\n"
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

#define DOCKERFILE_USER                                                                                                \
    {                                                                                                                  \
        "Dockerfile reference: USER", "https://docs.docker.com/reference/dockerfile/#user"                             \
    }
#define CONTEXTS                                                                                                       \
    {                                                                                                                  \
        "Kubernetes: Configure a Security Context for a Pod or Container",                                             \
            "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"                               \
    }

/* --- non-root-user ------------------------------------------------------------------------------------------ */

static void nonroot_build(struct judge *judge, const struct build *build);
static void nonroot_pod(struct judge *judge, const struct pod *pod);
static void nonroot_workload(struct judge *judge, const struct workload *workload);

const struct rule non_root_user_rule = {
    .id = "non-root-user",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "no container starts as root",
    .rationale =
        "Root in a container is root on the machine as soon as a wall between them falls: a mounted path, a hole in "
        "the kernel or the runtime. Inside it owns every file of the image and may rewrite the program that it runs. "
        "A server needs none of this, and a port below 1024 does not ask for it either. The user comes from the last "
        "USER of the final stage or from its base image; Compose's user and Kubernetes' runAsUser replace it, and "
        "runAsNonRoot: true makes the kubelet refuse root whatever the image says. An explicit runAsNonRoot: false is "
        "never right, not at the pod's level either when each container says true. The restricted profile asks for "
        "runAsNonRoot, and since 1.23 forbids runAsUser: 0; since 1.35 both do not hold for a pod with a user "
        "namespace of its own (hostUsers: false).",
    .remedies =
        {
            [SURFACE_DOCKERFILE] =
                "End the last stage with a number, as in USER 65532:65532, or start it from a ':nonroot' base.",
            [SURFACE_COMPOSE] =
                "Set a number, as in user: \"65532:65532\", and give the files that the program writes to that user.",
            [SURFACE_KUBERNETES] = "Set runAsNonRoot: true and runAsUser: 65532 once in the pod's securityContext.",
        },
    .sources =
        (const struct rule_source[]){
            DOCKERFILE_USER,
            {"Compose file reference: user", "https://docs.docker.com/reference/compose-file/services/#user"},
            {"Kubernetes: Pod Security Standards",
             "https://kubernetes.io/docs/concepts/security/pod-security-standards/"},
            CONTEXTS,
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE, "FROM debian:12\nCOPY server /server\nENTRYPOINT [\"/server\"]\n",
             "FROM debian:12\nCOPY server /server\nUSER 65532\nENTRYPOINT [\"/server\"]\n"},
            {SURFACE_COMPOSE, SERVICE("    user: root\n"), SERVICE("    user: \"65532:65532\"\n")},
            {SURFACE_KUBERNETES, POD(""), POD("  securityContext:\n    runAsNonRoot: true\n")},
            {0},
        },
    .build = nonroot_build,
    .pod = nonroot_pod,
    .workload = nonroot_workload,
};

/* "root" of "root:wheel". */
static struct str user_name(struct str user)
{
    return str_head(user, str_find_char(user, ':'));
}

static bool is_number(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_digit(name.ptr[i]))
            return false;
    return name.len > 0;
}

static bool is_zero(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] != '0')
            return false;
    return name.len > 0;
}

static bool is_root(struct str user)
{
    struct str name = user_name(user);
    return is_zero(name) || str_eq_z(name, "root") || str_eq_fold(name, STR("ContainerAdministrator"));
}

/* --- a Dockerfile */

static void nonroot_build(struct judge *judge, const struct build *build)
{
    const struct fact_text *user = &build->user;
    if (!build->final || !judge_by_standard(judge))
        return;
    if (user->fact.state == FACT_UNKNOWN) {
        judge_unknown(judge, user->fact.at, "USER hangs on a variable that is not known here");
        return;
    }
    if (user->fact.state == FACT_ABSENT || user->fact.state == FACT_INVALID) {
        judge_unknown(judge, build->at, "no USER is set, and the base image's own is not known");
        judge_expect(judge, "USER and a number, such as 65532");
        return;
    }
    if (!is_root(user->value))
        return;
    if (user->fact.state == FACT_DEFAULT)
        judge_fail(judge, build->at, "no USER is set, and the base image's is root");
    else
        judge_fail(judge, user->fact.at, "the image's user is root");
    judge_expect(judge, "USER and a number, such as 65532");
    judge_fact(judge, &user->fact);
}

/* --- a Compose service */

static void nonroot_service(struct judge *judge, const struct workload *workload)
{
    const struct fact_text *user = &workload->user;
    if (fact_undecided(judge, &user->fact, "user"))
        return;
    if (fact_said(&user->fact)) {
        if (is_root(user->value)) {
            judge_fail(judge, user->fact.at, "the service's user is root");
            judge_expect(judge, "user: \"65532:65532\"");
            judge_fact(judge, &user->fact);
        }
        return;
    }
    /* What is built here is judged by its Dockerfile. */
    if ((fact_said(&workload->built.fact) && workload->built.value) || !fact_said(&workload->image.fact))
        return;
    enum image_answer nonroot = workload->image_name.nonroot;
    if (nonroot == IMAGE_YES)
        return;
    if (nonroot == IMAGE_NO)
        judge_fail(judge, user->fact.at, "no user is set, and the user of '%.*s' is root",
                   STR_ARG(workload->image.value));
    else
        judge_unknown(judge, user->fact.at, "no user is set, and that of '%.*s' is not known",
                      STR_ARG(workload->image.value));
    judge_expect(judge, "user: \"65532:65532\"");
    judge_fact(judge, &user->fact);
}

/* --- Kubernetes */

/* A user namespace of its own makes the container's root nobody on the machine. */
static bool exempt(const struct judge *judge, const struct pod *pod)
{
    return judge_pss_since(judge, 35) && pod->host_users.fact.state == FACT_KNOWN && !pod->host_users.value;
}

static bool judges_uid(const struct judge *judge)
{
    return judge_by_standard(judge) || judge_pss_since(judge, 23);
}

static void expect_nonroot(struct judge *judge, const struct fact *fact)
{
    judge_expect(judge, "runAsNonRoot: true");
    judge_fact(judge, fact);
}

/* An explicit `runAsNonRoot: false` and `runAsUser: 0` of one level. */
static void judge_explicit(struct judge *judge, const struct fact_bool *nonroot, const struct fact_number *user)
{
    if (nonroot->fact.state == FACT_KNOWN && !nonroot->value) {
        judge_fail(judge, nonroot->fact.at, "root is allowed: runAsNonRoot is false");
        expect_nonroot(judge, &nonroot->fact);
    }
    if (judges_uid(judge) && user->fact.state == FACT_KNOWN && user->value == 0) {
        judge_fail(judge, user->fact.at, "the user is root: runAsUser is 0");
        judge_expect(judge, "runAsUser above 0, such as 65532");
        judge_fact(judge, &user->fact);
    }
}

static void nonroot_pod(struct judge *judge, const struct pod *pod)
{
    if (pod->surface != SURFACE_KUBERNETES || exempt(judge, pod))
        return;
    if (!fact_undecided(judge, &pod->run_as_non_root.fact, "runAsNonRoot") &&
        !(judges_uid(judge) && fact_undecided(judge, &pod->run_as_user.fact, "runAsUser")))
        judge_explicit(judge, &pod->run_as_non_root, &pod->run_as_user);
}

/* True when the image or runAsUser settles that the container is not root though nobody says runAsNonRoot. */
static bool settled_otherwise(const struct judge *judge, const struct workload *workload)
{
    if (!judge_by_standard(judge))
        return false;
    const struct fact *user = &workload->run_as_user.fact;
    if (user->state == FACT_UNKNOWN || user->state == FACT_INVALID || fact_said(user))
        return true; /* told where it is written, or another user than root */
    return fact_said(&workload->image.fact) && workload->image_name.nonroot == IMAGE_YES;
}

static void judge_missing(struct judge *judge, const struct workload *workload)
{
    const struct fact *fact = &workload->run_as_non_root.fact;
    bool root =
        judge_by_standard(judge) && fact_said(&workload->image.fact) && workload->image_name.nonroot == IMAGE_NO;
    if (root)
        judge_fail(judge, fact->at, "the image's user is root, and neither runAsNonRoot nor runAsUser is set");
    else if (judge_by_standard(judge))
        judge_fail(judge, fact->at, "nothing keeps root away: neither runAsNonRoot nor runAsUser is set");
    else
        judge_fail(judge, fact->at, "runAsNonRoot is not set");
    expect_nonroot(judge, fact);
}

/* The kubelet looks at the image's user before it starts what must not be root. */
static void judge_refused(struct judge *judge, const struct workload *workload)
{
    const struct fact *user = &workload->run_as_user.fact;
    const struct fact_bool *nonroot = &workload->run_as_non_root;
    if (workload->pod->windows || !fact_said(&nonroot->fact) || !nonroot->value || user->state != FACT_ABSENT ||
        !fact_said(&workload->image.fact) || workload->image_name.nonroot != IMAGE_NO)
        return;
    judge_fail(judge, user->at, "the image's user is root: with runAsNonRoot the container is not started");
    judge_expect(judge, "runAsUser above 0, such as 65532");
    judge_related(judge, nonroot->fact.at, "root is refused here");
    judge_fact(judge, user);
}

static void nonroot_container(struct judge *judge, const struct workload *workload)
{
    const struct pod *pod = workload->pod;
    const struct fact_bool *nonroot = &workload->run_as_non_root;
    const struct fact_number *user = &workload->run_as_user;
    bool own_nonroot = fact_own(workload, &nonroot->fact, &pod->run_as_non_root.fact);
    bool own_user = fact_own(workload, &user->fact, &pod->run_as_user.fact);
    if (own_user && judges_uid(judge) && fact_undecided(judge, &user->fact, "runAsUser"))
        own_user = false;
    if (own_nonroot && fact_undecided(judge, &nonroot->fact, "runAsNonRoot"))
        own_nonroot = false;
    const struct fact_bool said_nonroot = own_nonroot ? *nonroot : (struct fact_bool){0};
    const struct fact_number said_user = own_user ? *user : (struct fact_number){0};
    judge_explicit(judge, &said_nonroot, &said_user);
    if (nonroot->fact.state == FACT_ABSENT && !settled_otherwise(judge, workload))
        judge_missing(judge, workload);
    else if (judge_by_standard(judge))
        judge_refused(judge, workload);
}

static void nonroot_workload(struct judge *judge, const struct workload *workload)
{
    if (workload->kind == WORKLOAD_SERVICE)
        nonroot_service(judge, workload);
    else if (!exempt(judge, workload->pod))
        nonroot_container(judge, workload);
}

/* --- numeric-user ------------------------------------------------------------------------------------------- */

static void numeric_build(struct judge *judge, const struct build *build);
static void numeric_workload(struct judge *judge, const struct workload *workload);

const struct rule numeric_user_rule = {
    .id = "numeric-user",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_DOCKERFILE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "the user is a number, so that the platform can see that it is not root",
    .rationale =
        "The kubelet does not look into the image's /etc/passwd: when a pod says runAsNonRoot: true and the image's "
        "USER is a name, the container is not started (\"image has non-numeric user, cannot verify user is "
        "non-root\"). A name also costs a passwd file in the image, and files of volumes belong to numbers, not "
        "names.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] = "Write the number, as in USER 65532:65532.",
            [SURFACE_KUBERNETES] = "Set runAsUser next to runAsNonRoot, as in runAsUser: 65532; then the image's own "
                                   "user does not matter.",
        },
    .sources =
        (const struct rule_source[]){
            DOCKERFILE_USER,
            CONTEXTS,
            {"OCI image specification: config.User",
             "https://github.com/opencontainers/image-spec/blob/main/config.md"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE, "FROM debian:12\nRUN useradd app\nUSER app\n", "FROM debian:12\nUSER 65532:65532\n"},
            {SURFACE_KUBERNETES,
             "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  securityContext:\n    runAsNonRoot: true\n"
             "  containers:\n    - name: web\n      image: memcached:1.6\n",
             "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  securityContext:\n    runAsNonRoot: true\n"
             "    runAsUser: 11211\n  containers:\n    - name: web\n      image: memcached:1.6\n"},
            {0},
        },
    .build = numeric_build,
    .workload = numeric_workload,
};

static void numeric_build(struct judge *judge, const struct build *build)
{
    const struct fact_text *user = &build->user;
    if (!build->final)
        return;
    if (user->fact.state == FACT_UNKNOWN) {
        judge_unknown(judge, user->fact.at, "USER hangs on a variable that is not known here");
        return;
    }
    struct str name = user_name(user->value);
    /* Root is told by non-root-user; on Windows users are names. */
    if (build->final_fact->image_name.windows || !fact_said(&user->fact) || name.len == 0 || is_number(name) ||
        is_root(user->value))
        return;
    /* What a parent stage sets was set in this file; only the base image's own is written nowhere. */
    if (user->fact.at.span.offset != build->final_fact->image_at.span.offset)
        judge_fail(judge, user->fact.at, "user '%.*s' is a name: Kubernetes' runAsNonRoot refuses to start it",
                   STR_ARG(name));
    else
        judge_fail(judge, user->fact.at,
                   "the user comes from the base image and is the name '%.*s': Kubernetes' runAsNonRoot refuses to "
                   "start it",
                   STR_ARG(name));
    judge_expect(judge, "USER and a number");
    judge_fact(judge, &user->fact);
}

static bool holds(const struct fact_bool *fact)
{
    return fact_said(&fact->fact) && fact->value;
}

static void numeric_workload(struct judge *judge, const struct workload *workload)
{
    const struct fact_number *user = &workload->run_as_user;
    if (workload->pod->windows || !holds(&workload->run_as_non_root) || fact_said(&user->fact) ||
        user->fact.state == FACT_INVALID || workload->image.fact.state == FACT_ABSENT)
        return;
    if (user->fact.state == FACT_UNKNOWN) {
        judge_unknown(judge, user->fact.at, "'runAsUser' hangs on a variable that is not known here");
        return;
    }
    struct str name = fact_said(&workload->image.fact) ? user_name(workload->image_name.user) : STR_NONE;
    if (is_number(name) || is_root(name))
        return;
    if (name.len > 0)
        judge_fail(judge, user->fact.at,
                   "the image's user is the name '%.*s': with runAsNonRoot and without runAsUser the container is not "
                   "started",
                   STR_ARG(name));
    else
        judge_unknown(judge, user->fact.at,
                      "whether the image's user is a number is not known: with runAsNonRoot a name is not started");
    judge_expect(judge, "runAsUser next to runAsNonRoot");
    judge_fact(judge, &user->fact);
}
