/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/secret_value.h"

#include "base/path.h"

#include <string.h>

#define NAME_WORDS 8    /* words of a name that are looked at, from its end */
#define SHAPE_RUN  4096 /* bytes of one token that are looked at: time stays in proportion to the text */

/* --- names -------------------------------------------------------------------------------------------------- */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_any(struct str word, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (str_eq_fold(word, str_z(list[i])))
            return true;
    return false;
}

static bool ends_fold(struct str word, const char *suffix)
{
    struct str end = str_z(suffix);
    return word.len >= end.len && str_eq_fold(str_skip(word, word.len - end.len), end);
}

/* The words of NAME from its end: "AWS_SECRET_KEY", "client-secret", "apiKey", "a.b.password". */
static size_t split_name(struct str name, struct str *words)
{
    size_t count = 0;
    size_t end = name.len;
    while (end > 0 && count < NAME_WORDS) {
        while (end > 0 && !char_is_alnum(name.ptr[end - 1]))
            end--;
        size_t start = end;
        while (start > 0 && char_is_alnum(name.ptr[start - 1])) {
            start--;
            /* A hump: an upper case letter behind a lower case one or a digit starts a word. */
            if (start > 0 && is_upper(name.ptr[start]) && char_is_alnum(name.ptr[start - 1]) &&
                !is_upper(name.ptr[start - 1]))
                break;
        }
        if (start < end)
            words[count++] = str_of(name.ptr + start, end - start);
        end = start;
    }
    return count;
}

/* "MAX_TOKEN", "ALLOW_EMPTY_PASSWORD": what is asked about the secret, not the secret. */
static const char *const about[] = {"allow",  "enable", "disable",  "require", "skip",   "random",    "generate",
                                    "max",    "min",    "validate", "public",  "has",    "pad",       "publishable",
                                    "bos",    "eos",    "unk",      "mask",    "sep",    "cls",       "reset",
                                    "forgot", "show",   "hide",     "rotate",  "revoke", "encrypted", NULL};
static const char *const endings[] = {"password",  "passwd",    "passphrase", "apikey",  "secret", "token",
                                      "secretkey", "accesskey", "privatekey", "authkey", NULL};
static const char *const whole[] = {"pass", "pwd", "credential", "credentials", "creds", "passcode", NULL};
static const char *const keys[] = {"api", "private", "secret", "access", "encryption", "signing",   "master",  "auth",
                                   "jwt", "account", "shared", "ssh",    "deploy",     "hmac",      "license", "aes",
                                   "rsa", "app",     "role",   "crypto", "cipher",     "signature", NULL};
/* Names whose last word would not tell. */
static const char *const known[] = {"NEO4J_AUTH", "REDISCLI_AUTH", "DOCKER_AUTH_CONFIG", "SSHPASS", NULL};
/* The shell's working directory; the name of a cluster. */
static const char *const innocent[] = {"PWD", "OLDPWD", "ETCD_INITIAL_CLUSTER_TOKEN", NULL};

/* KAFKA_SSL_KEYSTORE_CREDENTIALS of Confluent's images is the name of a file in /etc/kafka/secrets. */
static bool names_file_of_kafka(struct str name)
{
    static const char *const endings_of_kafka[] = {"SSL_KEYSTORE_CREDENTIALS", "SSL_KEY_CREDENTIALS",
                                                   "SSL_TRUSTSTORE_CREDENTIALS"};
    for (size_t i = 0; i < ARRAY_LEN(endings_of_kafka); i++)
        if (ends_fold(name, endings_of_kafka[i]))
            return true;
    return false;
}

bool secret_name(struct str name)
{
    if (is_any(name, known))
        return true;
    if (is_any(name, innocent) || names_file_of_kafka(name))
        return false;
    struct str words[NAME_WORDS];
    /* PASSWORD2, API_KEY_1 */
    while (name.len > 0 && (char_is_digit(name.ptr[name.len - 1]) || name.ptr[name.len - 1] == '_'))
        name = str_head(name, name.len - 1);
    size_t count = split_name(name, words);
    if (count == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (is_any(words[i], about))
            return false;
    if (str_eq_fold(words[0], STR("key")))
        return count > 1 && is_any(words[1], keys);
    if (is_any(words[0], whole))
        return true;
    for (size_t i = 0; endings[i]; i++)
        if (ends_fold(words[0], endings[i]))
            return true;
    return false;
}

/* --- values ------------------------------------------------------------------------------------------------- */

static const char *const modes[] = {
    "true",     "false",    "yes",  "no",        "on",     "off",      "none",       "null",   "nil", "undefined",
    "disabled", "enabled",  "0",    "1",         "enable", "disable",  "required",   "auto",   "n/a", "automatic",
    "optional", "generate", "ask",  "generated", "prompt", "redacted", "[redacted]", "random", "-",   "never",
    "always",   "unset",    "file", "env",       "vault",  "keyring",  "basic",      "bearer", NULL,
};
static const char *const roots[] = {"etc",    "run",  "var",  "usr",     "opt",   "home",      "root",   "srv",  "mnt",
                                    "tmp",    "app",  "data", "secrets", "vault", "config",    "certs",  "proc", "dev",
                                    "secret", "keys", "conf", "ssl",     "tls",   "workspace", "github", NULL};
/* What some other program resolves: stores of secrets, and values that are encrypted. */
static const char *const references[] = {
    "op://",
    "vault:",
    "secret://",
    "secretsmanager:",
    "arn:aws",
    "ref+",
    "sm://",
    "awssm://",
    "gcpsm://",
    "azurekv://",
    "env:",
    "file:",
    "@Microsoft.KeyVault(",
    "ENC(",
    "ENC[",
    "aws-sm:",
    "ssm:",
    "bao:",
    "{{",
    "<%",
    "%(",
    "__",
    "kms:",
    "azkv://",
    "projects/",
    "!",
    "{cipher}",
};

static bool starts_z(struct str text, const char *prefix)
{
    return str_starts(text, str_z(prefix));
}

static struct str unquoted(struct str value)
{
    value = str_trim(value);
    if (value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'') && value.ptr[value.len - 1] == value.ptr[0])
        return str_of(value.ptr + 1, value.len - 2);
    return value;
}

static bool path_char(char c)
{
    return char_is_alnum(c) || (c && strchr("._-/ @:\\", c));
}

static bool is_path(struct str value)
{
    if (starts_z(value, "./") || starts_z(value, "../") || starts_z(value, "~/"))
        return true;
    if (value.len > 3 && char_is_alpha(value.ptr[0]) && value.ptr[1] == ':' && strchr("\\/", value.ptr[2]))
        return true;
    if (value.len < 2 || value.ptr[0] != '/')
        return false;
    bool lower = true;
    for (size_t i = 0; i < value.len; i++) {
        if (!path_char(value.ptr[i]))
            return false;
        lower = lower && !is_upper(value.ptr[i]);
    }
    struct str rest = str_skip(value, 1), first = STR_NONE;
    str_next(&rest, '/', &first);
    return lower || is_any(first, roots) || str_has_char(value, '.');
}

/* "$NAME" as a whole, "${NAME}" and "$(NAME)" anywhere. A '$' before a digit is a hash's: "$2y$10$...". */
static bool has_reference(struct str value)
{
    for (size_t i = 0; i + 1 < value.len; i++) {
        char next = value.ptr[i + 1];
        if (value.ptr[i] == '$' && (next == '{' || next == '(' || (i == 0 && (next == '_' || char_is_alpha(next)))))
            return true;
    }
    return false;
}

static bool all_masked(struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != '*' && value.ptr[i] != '.')
            return false;
    return true;
}

bool secret_value(struct str value)
{
    value = unquoted(value);
    if (value.len == 0 || all_masked(value) || is_any(value, modes) || is_path(value) || has_reference(value))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(references); i++)
        if (starts_z(value, references[i]))
            return false;
    struct secret_shape shape;
    if (str_find(value, STR("://")) < value.len) /* an address; a password in it is told by its shape */
        return secret_shape_find(value, 0, &shape);
    return true;
}

/* --- shapes ------------------------------------------------------------------------------------------------- */

/* Alphabets of what follows a prefix. */
enum alphabet { ALNUM, UPPER_DIGIT, HEX, WORD /* and '_' '-' */, DOTTED /* and '.' */ };

static bool in_alphabet(char c, enum alphabet alphabet)
{
    switch (alphabet) {
    case ALNUM:
        return char_is_alnum(c);
    case UPPER_DIGIT:
        return char_is_digit(c) || is_upper(c);
    case HEX:
        return char_is_digit(c) || (c >= 'a' && c <= 'f');
    case WORD:
        return char_is_alnum(c) || c == '_' || c == '-';
    case DOTTED:
        return char_is_alnum(c) || c == '_' || c == '-' || c == '.';
    }
    return false;
}

static const struct token {
    const char *prefix;
    enum alphabet alphabet;
    uint16_t min, max; /* of what follows; max 0: no end */
    const char *what;
} tokens[] = {
    {"AKIA", UPPER_DIGIT, 16, 16, "an AWS access key"},
    {"ASIA", UPPER_DIGIT, 16, 16, "an AWS access key"},
    {"ghp_", ALNUM, 36, 255, "a GitHub token"},
    {"gho_", ALNUM, 36, 255, "a GitHub token"},
    {"ghu_", ALNUM, 36, 255, "a GitHub token"},
    {"ghs_", ALNUM, 36, 255, "a GitHub token"},
    {"ghr_", ALNUM, 36, 255, "a GitHub token"},
    {"github_pat_", WORD, 50, 255, "a GitHub token"},
    {"glpat-", DOTTED, 20, 0, "a GitLab token"},
    {"gldt-", WORD, 20, 0, "a GitLab token"},
    {"glrt-", DOTTED, 20, 0, "a GitLab token"},
    {"xoxb-", WORD, 20, 0, "a Slack token"},
    {"xoxp-", WORD, 20, 0, "a Slack token"},
    {"xoxa-", WORD, 20, 0, "a Slack token"},
    {"xoxr-", WORD, 20, 0, "a Slack token"},
    {"xoxs-", WORD, 20, 0, "a Slack token"},
    {"xapp-", WORD, 20, 0, "a Slack token"},
    {"sk_live_", ALNUM, 16, 0, "a Stripe key"},
    {"rk_live_", ALNUM, 16, 0, "a Stripe key"},
    {"npm_", ALNUM, 36, 36, "an npm token"},
    {"pypi-AgEIcHlwaS5vcmc", WORD, 50, 0, "a PyPI token"},
    {"AIza", WORD, 35, 35, "a Google API key"},
    {"SG.", DOTTED, 60, 0, "a SendGrid key"},
    {"dckr_pat_", WORD, 27, 0, "a Docker Hub token"},
    {"hf_", ALNUM, 34, 34, "a Hugging Face token"},
    {"sk-ant-", WORD, 40, 0, "an Anthropic key"},
    {"sk-proj-", WORD, 40, 0, "an OpenAI key"},
    {"sk-", ALNUM, 48, 48, "an OpenAI key"},
    {"hvs.", WORD, 24, 0, "a Vault token"},
    {"dop_v1_", HEX, 64, 64, "a DigitalOcean token"},
    {"shpat_", HEX, 32, 32, "a Shopify token"},
    {"dapi", HEX, 32, 32, "a Databricks token"},
    {"ya29.", WORD, 40, 0, "a Google OAuth token"},
};

/* Few different bytes: "ghp_xxxxxxxx", a picture of a token. */
static bool is_varied(struct str body)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < body.len; i++)
        if (!seen[(unsigned char)body.ptr[i]]) {
            seen[(unsigned char)body.ptr[i]] = true;
            count++;
        }
    return count >= 6;
}

static size_t run_of(struct str text, size_t at, enum alphabet alphabet)
{
    size_t end = at;
    while (end < text.len && end - at < SHAPE_RUN && in_alphabet(text.ptr[end], alphabet))
        end++;
    return end - at;
}

static bool find_token(struct str text, size_t at, struct secret_shape *ret_shape)
{
    if (at > 0 && (char_is_alnum(text.ptr[at - 1]) || text.ptr[at - 1] == '_'))
        return false;
    struct str rest = str_skip(text, at);
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        const struct token *token = &tokens[i];
        size_t prefix = strlen(token->prefix);
        if (rest.ptr[0] != token->prefix[0] || !starts_z(rest, token->prefix))
            continue;
        size_t body = run_of(text, at + prefix, token->alphabet);
        if (body < token->min || (token->max && body > token->max))
            continue;
        struct str whole_token = str_head(rest, prefix + body);
        if (!is_varied(str_skip(whole_token, prefix)) || str_ends(whole_token, STR("EXAMPLE")))
            continue;
        *ret_shape = (struct secret_shape){at, prefix + body, token->what};
        return true;
    }
    return false;
}

/* header.payload.signature, each base64url, the first two of JSON objects ("eyJ" is '{"'). */
static bool find_jwt(struct str text, size_t at, struct secret_shape *ret_shape)
{
    if (!starts_z(str_skip(text, at), "eyJ") || (at > 0 && in_alphabet(text.ptr[at - 1], WORD)))
        return false;
    size_t end = at;
    for (int part = 0; part < 3; part++) {
        size_t len = run_of(text, end, WORD);
        if (len < 10 || (part < 2 && end + len >= text.len))
            return false;
        if (part < 2 && (text.ptr[end + len] != '.' || !starts_z(str_skip(text, end), "eyJ")))
            return false;
        end += len + (part < 2);
    }
    *ret_shape = (struct secret_shape){at, end - at, "a JSON Web Token"};
    return true;
}

static bool find_private_key(struct str text, size_t at, struct secret_shape *ret_shape)
{
    static const struct str begin = STR_INIT("-----BEGIN "), mark = STR_INIT("PRIVATE KEY");
    struct str rest = str_skip(text, at);
    if (!str_starts(rest, begin))
        return false;
    struct str head = str_head(rest, 64);
    size_t key = str_find(head, mark);
    if (key == head.len)
        return false;
    size_t end = key + mark.len;
    while (end < rest.len && (is_upper(rest.ptr[end]) || rest.ptr[end] == ' '))
        end++;
    while (end < rest.len && rest.ptr[end] == '-')
        end++;
    *ret_shape = (struct secret_shape){at, end, "a private key"};
    return true;
}

static bool ends_authority(char c)
{
    return char_is_space(c) || strchr("/?#\"'`<>\\|;,", c) || c == '\0';
}

/* The password of scheme://user:password@host; AT is at the ':' of "://". */
static bool find_url_password(struct str text, size_t at, struct secret_shape *ret_shape)
{
    if (!starts_z(str_skip(text, at), "://") || at == 0 || !char_is_alnum(text.ptr[at - 1]))
        return false;
    size_t start = at + 3, end = start, sign = 0, colon = 0;
    for (; end < text.len && !ends_authority(text.ptr[end]); end++) {
        if (text.ptr[end] == '@')
            sign = end;
        if (text.ptr[end] == ':' && !colon)
            colon = end;
    }
    if (!sign || !colon || colon + 1 >= sign || sign + 1 >= end)
        return false;
    struct str password = str_of(text.ptr + colon + 1, sign - colon - 1);
    if (str_has_char(password, '$') || str_has_char(password, '{') || str_has_char(password, '(') ||
        str_has_char(password, '%') || all_masked(password))
        return false;
    *ret_shape = (struct secret_shape){colon + 1, password.len, "a password in an address"};
    return true;
}

/* "Authorization: Bearer TOKEN": the token. AT is at the 'A'. */
static bool find_authorization(struct str text, size_t at, struct secret_shape *ret_shape)
{
    static const char *const schemes[] = {"bearer ", "basic ", "token "};
    struct str head = str_head(str_skip(text, at), 14);
    if (!str_eq_fold(head, STR("authorization:")))
        return false;
    size_t start = at + 14;
    while (start < text.len && text.ptr[start] == ' ')
        start++;
    size_t scheme = 0;
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (str_eq_fold(str_head(str_skip(text, start), strlen(schemes[i])), str_z(schemes[i])))
            scheme = strlen(schemes[i]);
    start += scheme;
    size_t end = start;
    while (end < text.len && (in_alphabet(text.ptr[end], DOTTED) || strchr("+/=~", text.ptr[end])) && text.ptr[end])
        end++;
    if (!scheme || end - start < 8 || !is_varied(str_of(text.ptr + start, end - start)) ||
        (end < text.len && strchr("${(<`", text.ptr[end])))
        return false;
    *ret_shape = (struct secret_shape){start, end - start, "a credential in a header"};
    return true;
}

bool secret_shape_find(struct str text, size_t from, struct secret_shape *ret_shape)
{
    for (size_t at = from; at < text.len; at++) {
        char c = text.ptr[at];
        if ((c == ':' && find_url_password(text, at, ret_shape)) ||
            (c == '-' && find_private_key(text, at, ret_shape)) || (c == 'e' && find_jwt(text, at, ret_shape)) ||
            ((c == 'A' || c == 'a') && find_authorization(text, at, ret_shape)) ||
            (char_is_alpha(c) && find_token(text, at, ret_shape)))
            return true;
    }
    return false;
}

/* --- files -------------------------------------------------------------------------------------------------- */

static const struct file_name {
    const char *name; /* a pattern of base/path.h */
    enum secret_file kind;
    const char *what;
} file_names[] = {
    {"id_rsa", SECRET_FILE_KEY, "a private SSH key"},
    {"id_dsa", SECRET_FILE_KEY, "a private SSH key"},
    {"id_ecdsa", SECRET_FILE_KEY, "a private SSH key"},
    {"id_ed25519", SECRET_FILE_KEY, "a private SSH key"},
    {".ssh", SECRET_FILE_KEY, "SSH keys"},
    {"*.ppk", SECRET_FILE_KEY, "a private SSH key"},
    {".netrc", SECRET_FILE_KEY, "passwords"},
    {"_netrc", SECRET_FILE_KEY, "passwords"},
    {".pgpass", SECRET_FILE_KEY, "passwords"},
    {".my.cnf", SECRET_FILE_KEY, "passwords"},
    {".git-credentials", SECRET_FILE_KEY, "passwords"},
    {".pypirc", SECRET_FILE_KEY, "passwords"},
    {".vault-token", SECRET_FILE_KEY, "a token"},
    {".vault_pass", SECRET_FILE_KEY, "a password"},
    {".dockercfg", SECRET_FILE_KEY, "passwords of registries"},
    {".dockerconfigjson", SECRET_FILE_KEY, "passwords of registries"},
    {"credentials.json", SECRET_FILE_KEY, "credentials"},
    {"service-account.json", SECRET_FILE_KEY, "a service account's key"},
    {"service_account.json", SECRET_FILE_KEY, "a service account's key"},
    {"serviceAccountKey.json", SECRET_FILE_KEY, "a service account's key"},
    {"kubeconfig", SECRET_FILE_KEY, "credentials of a cluster"},
    {"*.kubeconfig", SECRET_FILE_KEY, "credentials of a cluster"},
    {"*.tfstate", SECRET_FILE_KEY, "the secrets of a Terraform state"},
    {"privkey.pem", SECRET_FILE_KEY, "a private key"},
    {"private.pem", SECRET_FILE_KEY, "a private key"},
    {"key.pem", SECRET_FILE_KEY, "a private key"},
    {"*[-_.]key.pem", SECRET_FILE_KEY, "a private key"},
    {"private[-_]key*", SECRET_FILE_KEY, "a private key"},
    {"private.key", SECRET_FILE_KEY, "a private key"},
    {"server.key", SECRET_FILE_KEY, "a private key"},
    {"client.key", SECRET_FILE_KEY, "a private key"},
    {"tls.key", SECRET_FILE_KEY, "a private key"},
    {"ssl.key", SECRET_FILE_KEY, "a private key"},
    {"ca.key", SECRET_FILE_KEY, "a private key"},
    {"master.key", SECRET_FILE_KEY, "a private key"},
    {"*.p12", SECRET_FILE_KEY, "a private key"},
    {"*.pfx", SECRET_FILE_KEY, "a private key"},
    {"keystore.jks", SECRET_FILE_KEY, "a private key"},
    {".env", SECRET_FILE_SETTINGS, "settings of a deployment, secrets among them"},
    {".env.*", SECRET_FILE_SETTINGS, "settings of a deployment, secrets among them"},
    {".npmrc", SECRET_FILE_SETTINGS, "the token of an npm registry"},
    {".htpasswd", SECRET_FILE_SETTINGS, "hashes of passwords"},
};
/* Examples without secrets, and the public halves. */
static const char *const harmless[] = {"*.example", "*.sample", "*.template", "*.dist",  "*.tmpl",   "*.defaults",
                                       "*.pub",     "*.md",     "*public*",   "*trust*", "*.schema", "*.d.ts",
                                       "cacerts*",  "*.vault",  "*.enc",      "*.gpg",   "*.age",    "*.sops*"};

enum secret_file secret_file(struct str path, const char **ret_what)
{
    struct str base = path_base(path);
    if (str_eq_z(base, "*") || str_eq_z(base, "**"))
        return SECRET_FILE_NONE;
    if (base.len > 1 && base.ptr[base.len - 1] == '*')
        base.len--;
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (path_glob(str_z(harmless[i]), base))
            return SECRET_FILE_NONE;
    struct str directory = path_base(path_dir(path));
    if ((str_eq_z(directory, ".aws") && str_eq_z(base, "credentials")) ||
        (str_eq_z(directory, ".docker") && str_eq_z(base, "config.json")) ||
        (str_eq_z(directory, ".kube") && str_eq_z(base, "config"))) {
        *ret_what = "credentials";
        return SECRET_FILE_KEY;
    }
    for (size_t i = 0; i < ARRAY_LEN(file_names); i++)
        if (path_glob(str_z(file_names[i].name), base)) {
            *ret_what = file_names[i].what;
            return file_names[i].kind;
        }
    return SECRET_FILE_NONE;
}
