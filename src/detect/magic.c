/* SPDX-License-Identifier: Apache-2.0 */
/* Formats that are known by the bytes at their start, and text. */
#include "base/num.h"
#include "base/path.h"
#include "detect/internal.h"

#define TEXT_LOOKED_AT 8192U

static const struct {
    struct str bytes;
    size_t offset;
    enum app_kind kind;
    const char *noun, *remedy;
} magics[] = {
    {STR_INIT("\xfe\xed\xfa\xce"), 0, APP_MACOS, "a macOS program (Mach-O)", REMEDY_LINUX},
    {STR_INIT("\xfe\xed\xfa\xcf"), 0, APP_MACOS, "a macOS program (Mach-O)", REMEDY_LINUX},
    {STR_INIT("\xce\xfa\xed\xfe"), 0, APP_MACOS, "a macOS program (Mach-O)", REMEDY_LINUX},
    {STR_INIT("\xcf\xfa\xed\xfe"), 0, APP_MACOS, "a macOS program (Mach-O)", REMEDY_LINUX},
    {STR_INIT("\0asm"), 0, APP_WASM, "a WebAssembly module", REMEDY_COMPILE},
    {STR_INIT("BC\xc0\xde"), 0, APP_OBJECT, "LLVM bitcode, not compiled to the end", REMEDY_COMPILE},
    {STR_INIT("!<arch>\ndebian-binary"), 0, APP_ARCHIVE, "a Debian package",
     "unpack it (dpkg-deb -x), and give the program in it; a package of the archive comes with --package"},
    {STR_INIT("!<arch>\n"), 0, APP_OBJECT, "a static library, not linked into a program",
     "link it, and give the program"},
    {STR_INIT("!<thin>\n"), 0, APP_OBJECT, "a static library, not linked into a program",
     "link it, and give the program"},
    {STR_INIT("\xed\xab\xee\xdb"), 0, APP_ARCHIVE, "an RPM package", REMEDY_UNPACK},
    {STR_INIT("\x1f\x8b"), 0, APP_ARCHIVE, "a gzip-compressed file", REMEDY_UNPACK},
    {STR_INIT("\x28\xb5\x2f\xfd"), 0, APP_ARCHIVE, "a zstd-compressed file", REMEDY_UNPACK},
    {STR_INIT("\xfd"
              "7zXZ\0"),
     0, APP_ARCHIVE, "an xz-compressed file", REMEDY_UNPACK},
    {STR_INIT("BZh"), 0, APP_ARCHIVE, "a bzip2-compressed file", REMEDY_UNPACK},
    {STR_INIT("7z\xbc\xaf\x27\x1c"), 0, APP_ARCHIVE, "a 7z archive", REMEDY_UNPACK},
    {STR_INIT("hsqs"), 0, APP_ARCHIVE, "a squashfs image", REMEDY_UNPACK},
    {STR_INIT("ustar"), 257, APP_ARCHIVE, "a tar archive", REMEDY_UNPACK},
};

static bool holds(struct str bytes, size_t offset, struct str magic)
{
    return bytes.len >= offset + magic.len && str_starts(str_skip(bytes, offset), magic);
}

/* Java's class files and Apple's universal programs begin alike; the one has a version here, the other a count. */
static bool detect_cafebabe(struct str bytes, struct app *app)
{
    if (!holds(bytes, 0, STR("\xca\xfe\xba\xbe")) || bytes.len < 8)
        return false;
    if (num_be32(bytes.ptr + 4) < 45)
        detect_set(app, APP_MACOS, "a macOS program (Mach-O, universal)", REMEDY_LINUX);
    else
        detect_set(app, APP_JAVA_CLASS, "a Java class", REMEDY_JAVA);
    return true;
}

static bool detect_windows(struct str bytes, struct app *app)
{
    if (!holds(bytes, 0, STR("MZ")) || bytes.len < 64)
        return false;
    uint32_t header = num_le32(bytes.ptr + 0x3c);
    detect_set(app, APP_WINDOWS, "a DOS program (MZ)", REMEDY_LINUX);
    if (!holds(bytes, header, STR("PE\0\0")) || bytes.len - header < 24)
        return true;
    bool library = num_le16(bytes.ptr + header + 22) & 0x2000;
    app->noun = library ? STR("a Windows library (PE)") : STR("a Windows program (PE)");
    return true;
}

static bool detect_zip(struct str bytes, struct app *app)
{
    if (!holds(bytes, 0, STR("PK\3\4")) && !holds(bytes, 0, STR("PK\5\6")))
        return false;
    if (str_find(bytes, STR("META-INF/")) < bytes.len)
        detect_set(app, APP_JAR, "a Java archive (jar)", REMEDY_JAVA);
    else
        detect_set(app, APP_ARCHIVE, "a zip archive", REMEDY_UNPACK);
    return true;
}

bool detect_magic(struct str bytes, struct app *app)
{
    if (detect_cafebabe(bytes, app) || detect_windows(bytes, app) || detect_zip(bytes, app))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
        if (!holds(bytes, magics[i].offset, magics[i].bytes))
            continue;
        detect_set(app, magics[i].kind, magics[i].noun, magics[i].remedy);
        return true;
    }
    return false;
}

/* No control bytes but white space and escape, and UTF-8 up to a character that the end may have cut. */
static bool is_text(struct str bytes)
{
    bytes = str_head(bytes, TEXT_LOOKED_AT);
    for (size_t i = 0; i < bytes.len; i++)
        if ((unsigned char)bytes.ptr[i] < ' ' && !char_is_space(bytes.ptr[i]) && bytes.ptr[i] != 0x1b)
            return false;
    return str_utf8_valid(bytes) + 4 > bytes.len;
}

void detect_text(struct str path, struct str bytes, struct app *app)
{
    static const struct {
        const char *end, *noun, *remedy;
    } texts[] = {
        {".c", "a C source file", REMEDY_COMPILE},
        {".cc", "a C++ source file", REMEDY_COMPILE},
        {".cpp", "a C++ source file", REMEDY_COMPILE},
        {".go", "a Go source file", REMEDY_COMPILE},
        {".rs", "a Rust source file", REMEDY_COMPILE},
        {".java", "a Java source file", REMEDY_JAVA},
        {".py", "a Python source file", REMEDY_SCRIPT},
        {".js", "a JavaScript source file", REMEDY_SCRIPT},
        {".mjs", "a JavaScript source file", REMEDY_SCRIPT},
        {".ts", "a TypeScript source file", REMEDY_SCRIPT},
        {".sh", "a shell script", REMEDY_SCRIPT},
        {"Dockerfile", "a Dockerfile", "give the program that it packages"},
        {".yaml", "a YAML file", REMEDY_ANYTHING},
        {".yml", "a YAML file", REMEDY_ANYTHING},
        {".json", "a JSON file", REMEDY_ANYTHING},
    };
    if (!is_text(bytes)) {
        detect_set(app, APP_DATA, "no program of any known kind", REMEDY_ANYTHING);
        return;
    }
    detect_set(app, APP_TEXT, "a text file", REMEDY_ANYTHING);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (str_ends(path_base(path), str_z(texts[i].end)))
            detect_set(app, APP_TEXT, texts[i].noun, texts[i].remedy);
}
