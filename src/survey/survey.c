/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey.h"

int survey_directory(const struct op_ctx *ctx, struct str root, enum init_language language, struct survey *ret_survey,
                     struct err *err)
{
    (void)ctx;
    (void)root;
    (void)language;
    (void)ret_survey;
    return err_set(err, ERR_UNSUPPORTED, "sources are not read yet");
}

int survey_fill(const struct op_ctx *ctx, const struct survey *survey, struct init_options *options, struct err *err)
{
    (void)ctx;
    (void)survey;
    (void)options;
    (void)err;
    return 0;
}
