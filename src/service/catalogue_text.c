/* SPDX-License-Identifier: Apache-2.0 */
#include "service/catalogue_text.h"

#include "report/rule_index.h"
#include "report/rule_page.h"

static const char introduction[] =
    "# The barehull standard\n\n"
    "A container holds a program and what that program needs to start, and may do what the program has to do: nothing "
    "else. One principle is one rule, judged wherever it shows: on Dockerfiles, Compose files and Kubernetes "
    "manifests. "
    "The tool `check` holds files against it, `explain` tells of a rule, `rules` lists all; the page of a rule is the "
    "resource `barehull://rules/ID`.\n\n"
    "## What it asks of an image\n\n"
    "- Two stages or more: compilers, package managers and sources stay in a build stage; the last stage copies "
    "finished artefacts alone.\n"
    "- The last stage starts from a distroless image (`gcr.io/distroless/static-debian12:nonroot` for what is linked "
    "statically; `base`, `cc`, `java`, `nodejs` or `python3` for what is not), from `scratch`, or from a base that the "
    "configuration allows. Alpine, `*-slim`, full distributions and `:debug` variants do not ship.\n"
    "- No shell and no package manager in it. So ENTRYPOINT, CMD and HEALTHCHECK are JSON arrays that begin with a "
    "program by its absolute path, and nobody expands `$VAR`, globs, `&&` or pipes in them: configuration is read by "
    "the "
    "program from its environment.\n"
    "- What was built fits what ships: the same C library, the same version of the interpreter, a path that is there.\n"
    "- A numeric user that is not root, such as 65532.\n"
    "- Images by tag and digest; downloads with a checksum; no secret in ENV, ARG, LABEL or a copied file.\n"
    "- A health check that runs without a shell: a program of the image, never curl or wget.\n\n"
    "## What it asks of a workload\n\n"
    "- A read-only root, and bounded tmpfs or emptyDir volumes where the program has to write.\n"
    "- All capabilities dropped, no privilege escalation, the default seccomp, AppArmor and SELinux confinement, no "
    "privileged mode, nothing of the host: namespaces, paths, ports, the engine's socket, unsafe sysctls.\n"
    "- Limits of memory, CPU, processes and ephemeral storage.\n"
    "- Liveness and readiness as two questions; annotations by which Prometheus finds the metrics.\n"
    "- No token of the cluster unless it is used, no `*` among the allowed origins, no port published on all "
    "interfaces, and no key of a posture that is misspelt and so without power.\n\n"
    "## Profiles\n\n"
    "`standard` is all of it. `pss-baseline` and `pss-restricted` are the Pod Security Standards of Kubernetes, as of "
    "a "
    "version that can be chosen, and nothing more.\n\n"
    "## Verdicts\n\n"
    "A finding is an error, a warning or a note. The verdict is `fail` when there is one at or above the threshold "
    "(warnings, unless said otherwise), `incomplete` when something could not be judged, else `pass`. A value that "
    "hangs on a variable which nobody sets is *unknown*: neither a pass nor a failure.\n\n"
    "## Exceptions\n\n"
    "Where a rule can't be kept, a waiver says why, next to what it excuses, and is reported once it is no longer "
    "needed: the comment `# barehull: allow RULE -- the reason` on the line or above it (at the head of a file for "
    "what "
    "is missing), the annotation `barehull.dev/allow.RULE: the reason` on a Kubernetes object, or `.barehull.yaml` for "
    "whole paths. Mending is better than waiving: a reason is the owner's to give.\n";

static void add_rule(const struct rule *rule, struct buf *out)
{
    buf_addf(out, "| [%s](barehull://rules/%s) | %s | ", rule->id, rule->id, severity_name(rule->severity));
    rule_page_surfaces(rule, out);
    buf_add_z(out, " | ");
    rule_page_profiles(rule, out);
    buf_add_z(out, " | ");
    rule_page_prose(rule->summary, out);
    buf_add_z(out, " |\n");
}

void catalogue_standard(struct buf *out)
{
    buf_add_z(out, introduction);
    buf_add_z(out, "\n## Rules\n");
    for (unsigned family = 0; family < RULE_FAMILIES; family++) {
        buf_addf(out,
                 "\n### %s\n\n| Rule | Severity | Judged on | Profiles | What it holds |\n"
                 "| --- | --- | --- | --- | --- |\n",
                 rule_family_title((enum rule_family)family));
        for (size_t i = 0; rules[i]; i++)
            if (rule_family_of(rules[i]) == (enum rule_family)family)
                add_rule(rules[i], out);
    }
}

void catalogue_rule(const struct rule *rule, struct buf *out)
{
    rule_page_markdown(rule, RULE_PAGE_ALONE, out);
}
