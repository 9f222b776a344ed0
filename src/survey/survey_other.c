/* SPDX-License-Identifier: Apache-2.0 */
/* What has a name and no more: `init` needs a program or an image of these. */
#include "survey/internal.h"

int survey_other(struct surveying *surveying, struct err *err)
{
    static const struct {
        const char *file, *noun;
    } known[] = {
        {"package.json", "a Node.js project"},
        {"deno.json", "a Deno project"},
        {"pom.xml", "a Java project (Maven)"},
        {"build.gradle", "a Java project (Gradle)"},
        {"build.gradle.kts", "a Java project (Gradle)"},
        {"Gemfile", "a Ruby project"},
        {"config.ru", "a Ruby project"},
        {"composer.json", "a PHP project"},
        {"artisan", "a PHP project"},
        {"index.php", "a PHP project"},
        {"mix.exs", "an Elixir project"},
        {"Package.swift", "a Swift project"},
        {"build.zig", "a Zig project"},
    };
    struct survey *survey = surveying->survey;
    survey->noun = STR("a directory");
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (!survey_has(surveying, known[i].file))
            continue;
        survey->noun = str_z(known[i].noun);
        return survey_say(surveying, &survey->built_by, STR(""), str_z(known[i].file), 0, known[i].noun, err);
    }
    for (size_t i = 0; i < surveying->files.len; i++) {
        struct str path = surveying->files.ptr[i].path;
        if (str_ends(path, STR(".csproj")) || str_ends(path, STR(".fsproj")) || str_ends(path, STR(".sln"))) {
            survey->noun = STR("a .NET project");
            return survey_say(surveying, &survey->built_by, STR(""), path, 0, "a .NET project", err);
        }
    }
    return 0;
}
