/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of a CPython that is linked to its libpython, as standalone builds are. Declared, not included: any
 * version will do.
 */
int Py_BytesMain(int argc, char **argv);

int main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
