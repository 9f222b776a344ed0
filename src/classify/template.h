/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/template.h - tells what has to be rendered before it can be judged from what merely mentions braces.
 *
 * YAML: `{{`, `{%` and `{#` count where a line or a value starts, and within a plain value that has no blank before
 * them; not in comments, block scalars and quotes (rules of Prometheus, Argo, messages), not behind a '$' (GitHub),
 * not as Docker's own placeholders ({{.Node.Hostname}}). What names Helm's objects ({{ .Values.x }}) counts in quotes
 * too. Dockerfile: at the start of a line before the first heredoc, and in FROM.
 * Lines are read, nothing is parsed: time goes with the bytes.
 */
#include "base/str.h"

bool template_is_yaml(struct str head);
bool template_is_dockerfile(struct str head);
