/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "rules/families.h"
#include "rules/pattern.h"
#include "rules/undecided.h"

#define POD(image)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: " image "\n"
#define SERVICE(image) "services:\n  web:\n    image: " image "\n"
#define DIGEST         "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DISTROLESS                                                                                                     \
    {                                                                                                                  \
        "Distroless container images", "https://github.com/GoogleContainerTools/distroless"                            \
    }
#define FROM_REFERENCE                                                                                                 \
    {                                                                                                                  \
        "Dockerfile reference: FROM", "https://docs.docker.com/reference/dockerfile/#from"                             \
    }
#define MULTI_STAGE                                                                                                    \
    {                                                                                                                  \
        "Docker: Multi-stage builds", "https://docs.docker.com/build/building/multi-stage/"                            \
    }

/* --- distroless-final-stage --------------------------------------------------------------------------------- */

static void distroless_final_stage(struct judge *judge, const struct build *build);

const struct rule distroless_final_stage_rule = {
    .id = "distroless-final-stage",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "the stage that ships starts from a distroless image, from scratch, or from an allowed base",
    .rationale =
        "What a base image brings, the container offers to whoever gets into it: a shell, a package manager, "
        "interpreters, set-uid programs. A service needs none of them, yet each has to be patched and is counted by "
        "every scanner. A slim variant leaves out documentation, not the shell. Alpine is small but brings musl, "
        "busybox and apk; programs and wheels that were built for glibc do not run there, and name resolution and "
        "memory allocation behave differently under load. A distroless image holds the libraries and data that a "
        "program needs to start, and nothing that starts others.",
    .remedy = "Build in a stage of its own, and start the last one from gcr.io/distroless/static-debian12:nonroot "
              "(base, cc, java, nodejs or python3 for what is not static) or from scratch. A base of your own is named "
              "under allowed-bases in .barehull.yaml.",
    .sources = (const struct rule_source[]){DISTROLESS, MULTI_STAGE, FROM_REFERENCE, {0}},
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE,
             "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app\n\n"
             "FROM alpine:3.20\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n",
             "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app\n\n"
             "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n"},
            {0},
        },
    .build = distroless_final_stage,
};

/* The distroless image that would take the place of an official language image, or NULL. */
static const char *instead_of(const struct image_name *image)
{
    static const struct {
        const char *name;
        const char *major;
        const char *instead;
    } versions[] = {
        {"library/node", "20", "gcr.io/distroless/nodejs20-debian12:nonroot"},
        {"library/node", "24", "gcr.io/distroless/nodejs24-debian12:nonroot"},
        {"library/openjdk", "17", "gcr.io/distroless/java17-debian12:nonroot"},
        {"library/eclipse-temurin", "17", "gcr.io/distroless/java17-debian12:nonroot"},
        {"library/amazoncorretto", "17", "gcr.io/distroless/java17-debian12:nonroot"},
    };
    static const struct {
        const char *name;
        const char *instead;
    } known[] = {
        {"python", "gcr.io/distroless/python3-debian12:nonroot"},
        {"node", "gcr.io/distroless/nodejs22-debian12:nonroot"},
        {"golang", "gcr.io/distroless/static-debian12:nonroot"},
        {"rust", "gcr.io/distroless/cc-debian12:nonroot"},
        {"gcc", "gcr.io/distroless/cc-debian12:nonroot"},
        {"openjdk", "gcr.io/distroless/java21-debian12:nonroot"},
        {"eclipse-temurin", "gcr.io/distroless/java21-debian12:nonroot"},
        {"amazoncorretto", "gcr.io/distroless/java21-debian12:nonroot"},
        {"maven", "gcr.io/distroless/java21-debian12:nonroot"},
        {"gradle", "gcr.io/distroless/java21-debian12:nonroot"},
    };
    struct str repository = image->repository;
    if (str_eq_z(image->registry, "mcr.microsoft.com") && str_starts(repository, STR("dotnet/")))
        return "a chiseled variant, such as mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled";
    struct str major = str_head(image->tag, str_find_char(image->tag, '.'));
    major = str_head(major, str_find_char(major, '-'));
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        if (str_eq_z(repository, versions[i].name) && str_eq_z(major, versions[i].major))
            return versions[i].instead;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_starts(repository, STR("library/")) && str_eq_z(str_skip(repository, 8), known[i].name))
            return known[i].instead;
    return NULL;
}

static void tell_base(struct judge *judge, const struct stage_fact *final)
{
    const struct image_name *image = &final->image_name;
    switch (image->kind) {
    case IMAGE_ALPINE:
        judge_fail(judge, final->image_at, "'%.*s' is Alpine: musl, a shell and apk ship with it",
                   STR_ARG(image->text));
        break;
    case IMAGE_SLIM:
        judge_fail(judge, final->image_at, "'%.*s' is slim, not distroless: a shell%s with it", STR_ARG(image->text),
                   image->package_manager == IMAGE_YES ? " and a package manager ship" : " ships");
        break;
    case IMAGE_BUSYBOX:
        judge_fail(judge, final->image_at, "'%.*s' is a shell and its tools", STR_ARG(image->text));
        break;
    case IMAGE_FULL:
        judge_fail(judge, final->image_at,
                   "'%.*s' comes with a full distribution: a shell, a package manager and many tools",
                   STR_ARG(image->text));
        break;
    case IMAGE_OTHER:
    case IMAGE_SCRATCH:
    case IMAGE_DISTROLESS:
    default:
        if (image->windows) {
            judge_fail(judge, final->image_at, "'%.*s' is Windows: a shell and many tools ship with it",
                       STR_ARG(image->text));
            break;
        }
        judge_unknown(judge, final->image_at, "the name '%.*s' does not tell what is in it", STR_ARG(image->text));
        judge_remedy(judge, "Start the stage that ships from a distroless image or from scratch. When this base is "
                            "one, name it under allowed-bases in .barehull.yaml.");
    }
    const char *instead = instead_of(image);
    judge_expect(judge, "%s", instead ? instead : "a distroless image, scratch, or a base that is allowed");
}

/* FROM $NAME where nothing sets NAME: no image at all, which valid-syntax tells. */
static bool has_no_image(const struct stage_fact *stage)
{
    const struct dockerfile_stage *root = stage->stage->root;
    return root->from->args.count == 0 || (root->image.state == DOCKERFILE_STATE_KNOWN && root->image.text.len == 0);
}

static void distroless_final_stage(struct judge *judge, const struct build *build)
{
    const struct stage_fact *final = build->final_fact;
    if (!final || has_no_image(final))
        return;
    const struct image_name *image = &final->image_name;
    if (!fact_said(&final->image.fact)) {
        judge_unknown(judge, final->image_at, "the base of the stage that ships hangs on a build argument");
        judge_expect(judge, "a distroless image, scratch, or a base that is allowed");
        return;
    }
    if (image->kind == IMAGE_SCRATCH || image->kind == IMAGE_DISTROLESS ||
        pattern_match_image(judge_standard(judge)->allowed_bases, image, judge_arena(judge)))
        return;
    tell_base(judge, final);
    if (final->stage->root != final->stage)
        judge_related(judge, final->at, "the stage that ships starts here");
}

/* --- no-debug-variant --------------------------------------------------------------------------------------- */

static void no_debug_build(struct judge *judge, const struct build *build);
static void no_debug_workload(struct judge *judge, const struct workload *workload);

const struct rule no_debug_variant_rule = {
    .id = "no-debug-variant",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .summary = "no debug variant of an image, and no bare busybox, runs in production",
    .rationale =
        "The debug variants of distroless images (:debug, :debug-nonroot; -dev of others) put busybox or a whole "
        "package manager back in: a shell, a downloader and an editor for whoever gets in. They are for looking into "
        "an image on a developer's machine, and stay in place when the tag is forgotten. A running container can be "
        "looked into without: docker debug, kubectl debug and ephemeral containers bring their own tools.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] = "Take the variant without 'debug' or '-dev' in its tag. To look into a running "
                                   "container, attach one with tools of its own (docker debug, kubectl debug).",
            [SURFACE_COMPOSE] =
                "Take the variant without 'debug' or '-dev' in its tag; docker debug looks into a running container "
                "without it. What busybox does at start belongs into the program or its healthcheck.",
            [SURFACE_KUBERNETES] =
                "Take the variant without 'debug' or '-dev' in its tag; kubectl debug looks into a running pod without "
                "it. What busybox does at start belongs into the program or a probe.",
        },
    .sources = (const struct rule_source[]){DISTROLESS,
                                            {"Kubernetes: Debug running Pods",
                                             "https://kubernetes.io/docs/tasks/debug/debug-application/"
                                             "debug-running-pod/"},
                                            {0}},
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE, "FROM gcr.io/distroless/static-debian12:debug\nCOPY app /app\nENTRYPOINT [\"/app\"]\n",
             "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /app\nENTRYPOINT [\"/app\"]\n"},
            {SURFACE_COMPOSE, SERVICE("gcr.io/distroless/python3-debian12:debug-nonroot"),
             SERVICE("gcr.io/distroless/python3-debian12:nonroot")},
            {SURFACE_KUBERNETES, POD("busybox:1.36"), POD("registry.example/web:1.2")},
            {0},
        },
    .build = no_debug_build,
    .workload = no_debug_workload,
};

static bool is_busybox(const struct image_name *image)
{
    struct str repository = image->repository;
    return image->kind == IMAGE_BUSYBOX && (str_ends(repository, STR("/busybox")) || str_eq_z(repository, "busybox"));
}

static void tell_debug(struct judge *judge, struct place at, const struct image_name *image)
{
    judge_fail(judge, at, "'%.*s' is a debug variant: %s in it", STR_ARG(image->text),
               image->package_manager == IMAGE_YES ? "a shell and a package manager are" : "busybox's shell is");
    judge_expect(judge, "the variant without '%s'", image->package_manager == IMAGE_YES ? "-dev" : "debug");
}

static void no_debug_build(struct judge *judge, const struct build *build)
{
    const struct stage_fact *final = build->final_fact;
    if (!final || has_no_image(final))
        return;
    if (!fact_said(&final->image.fact))
        judge_unknown(judge, final->image_at, "the base of the stage that ships hangs on a build argument");
    else if (final->image_name.debug)
        tell_debug(judge, final->image_at, &final->image_name);
}

static void no_debug_workload(struct judge *judge, const struct workload *workload)
{
    const struct image_name *image = &workload->image_name;
    if (workload->kind == WORKLOAD_EPHEMERAL || fact_undecided(judge, &workload->image.fact, "image"))
        return;
    if (!fact_said(&workload->image.fact))
        return;
    if (image->debug) {
        tell_debug(judge, workload->image.fact.at, image);
    } else if (is_busybox(image)) {
        judge_fail_as(judge, workload->kind == WORKLOAD_INIT ? SEVERITY_WARNING : SEVERITY_ERROR,
                      workload->image.fact.at, "'%.*s' is a shell and its tools", STR_ARG(image->text));
        judge_expect(judge, "an image that holds only the program that is needed");
    }
}

/* --- pinned-image ------------------------------------------------------------------------------------------- */

static void pinned_build(struct judge *judge, const struct build *build);
static void pinned_workload(struct judge *judge, const struct workload *workload);

const struct rule pinned_image_rule = {
    .id = "pinned-image",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .summary = "an image is named by a version, best by its digest",
    .rationale =
        "Without a tag, or with 'latest', an image is whatever was pushed last: two builds of one commit differ, two "
        "nodes run different programs under one name, and going back is impossible because nobody knows to what. "
        "A tag with a version is better, but it can be pushed anew by whoever holds the registry's credentials, and "
        "then runs without anybody's review. A digest names one content, for ever. Builders count too: what they "
        "hold ends up in the program.",
    .remedy = "Write the version and the digest behind it: image: NAME:1.2@sha256:... ('docker buildx imagetools "
              "inspect NAME:1.2' prints it). Let a bot that proposes updates raise both.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] =
                "Write the version and the digest behind it: FROM NAME:1.2@sha256:... ('docker buildx imagetools "
                "inspect NAME:1.2' prints it). Let a bot that proposes updates raise both.",
        },
    .sources =
        (const struct rule_source[]){
            FROM_REFERENCE,
            {"Docker: Pin base image versions", "https://docs.docker.com/build/building/best-practices/"
                                                "#pin-base-image-versions"},
            {"Kubernetes: Images", "https://kubernetes.io/docs/concepts/containers/images/"},
            {"Compose file reference: image", "https://docs.docker.com/reference/compose-file/services/#image"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE, "FROM gcr.io/distroless/static-debian12\nCOPY app /app\nENTRYPOINT [\"/app\"]\n",
             "FROM gcr.io/distroless/static-debian12:nonroot@" DIGEST "\nCOPY app /app\nENTRYPOINT [\"/app\"]\n"},
            {SURFACE_COMPOSE, SERVICE("postgres:latest"), SERVICE("postgres:16.4@" DIGEST)},
            {SURFACE_KUBERNETES, POD("registry.example/web"), POD("registry.example/web:1.2@" DIGEST)},
            {0},
        },
    .build = pinned_build,
    .workload = pinned_workload,
};

/* SEVERITY: of an image that has no version; one without digest is a warning. True when something was told. */
static bool judge_pin(struct judge *judge, enum severity severity, struct place at, const struct image_name *image)
{
    if (!image->valid) {
        judge_fail_as(judge, severity, at, "'%.*s' is not the name of an image", STR_ARG(image->text));
        judge_expect(judge, "[REGISTRY/]NAME:TAG@DIGEST in lower case");
        return true;
    }
    if (image->kind == IMAGE_SCRATCH || image->digest.len > 0)
        return false;
    if (image->tag.len == 0)
        judge_fail_as(judge, severity, at, "'%.*s' has no tag: it is whatever was pushed last", STR_ARG(image->text));
    else if (str_eq_z(image->tag, "latest"))
        judge_fail_as(judge, severity, at, "'%.*s' is whatever was pushed last", STR_ARG(image->text));
    else
        judge_fail_as(judge, SEVERITY_WARNING, at, "'%.*s' has no digest: its tag can be pushed anew",
                      STR_ARG(image->text));
    bool versioned = image->tag.len && !str_eq_z(image->tag, "latest");
    struct str name = str_head(image->text, image->text.len - (versioned || !image->tag.len ? 0 : image->tag.len + 1));
    judge_expect(judge, "a version and the digest behind it: %.*s%s@sha256:...", STR_ARG(name),
                 versioned ? "" : ":VERSION");
    return true;
}

static void pinned_stage(struct judge *judge, const struct stage_fact *stage)
{
    if (stage->stage->base == DOCKERFILE_BASE_UNKNOWN) {
        if (has_no_image(stage))
            return;
        judge_unknown(judge, stage->at, "the base image hangs on a build argument");
    } else if (stage->stage->base != DOCKERFILE_BASE_IMAGE ||
               !judge_pin(judge, stage->ships ? SEVERITY_ERROR : SEVERITY_WARNING, stage->at, &stage->image_name)) {
        return;
    }
    judge_subject(judge, "%.*s", STR_ARG(stage->shown));
}

static void pinned_copy(struct judge *judge, const struct build *build, const struct copy_fact *copy)
{
    uint64_t number; /* a stage, though none that can be copied from */
    if (copy->from_stage || !fact_said(&copy->from.fact) || num_parse_u64(copy->from.value, &number) ||
        !judge_pin(judge, SEVERITY_WARNING, copy->from.fact.at, &copy->from_image))
        return;
    judge_subject(judge, "%.*s", STR_ARG(build->stages[copy->stage->index].shown));
}

/* RUN --mount=from=IMAGE */
static void pinned_mounts(struct judge *judge, const struct build *build, const struct run_fact *run)
{
    for (uint32_t i = 0; i < run->instruction->flag_count; i++) {
        const struct dockerfile_pair *from = dockerfile_mount_field(&run->instruction->flags[i], "from");
        struct image_name image;
        if (!from || !from->has_value || str_has_char(from->value.text, '$') ||
            dockerfile_stage_named(build->file, from->value.text, run->stage->index) ||
            image_name_read(from->value.text, judge_arena(judge), &image, NULL) < 0 ||
            !judge_pin(judge, SEVERITY_WARNING, (struct place){build->source, from->value.span}, &image))
            continue;
        judge_subject(judge, "%.*s", STR_ARG(build->stages[run->stage->index].shown));
    }
}

static void pinned_build(struct judge *judge, const struct build *build)
{
    for (size_t i = 0; i < build->stage_count; i++)
        pinned_stage(judge, &build->stages[i]);
    for (size_t i = 0; i < build->run_count; i++)
        pinned_mounts(judge, build, &build->runs[i]);
    for (size_t i = 0; i < build->copy_count; i++)
        pinned_copy(judge, build, &build->copies[i]);
}

static void pinned_workload(struct judge *judge, const struct workload *workload)
{
    const struct fact *fact = &workload->image.fact;
    /* The name of what is built here is given, not pulled. */
    if (fact_said(&workload->built.fact) && workload->built.value)
        return;
    if (fact_undecided(judge, fact, "image") || !fact_said(fact))
        return;
    if (!judge_pin(judge, SEVERITY_ERROR, fact->at, &workload->image_name))
        return;
    const struct image_override *override = workload->image_override;
    if (override)
        judge_remedy(judge, "The name comes from `images` of %.*s: write newTag and digest there.",
                     STR_ARG(override->file));
    else
        judge_fact(judge, fact);
}
