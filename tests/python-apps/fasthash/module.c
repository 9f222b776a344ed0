/* SPDX-License-Identifier: Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

unsigned fasthash(const char *text);

static PyObject *digest(PyObject *self, PyObject *args)
{
    const char *text;
    (void)self;
    if (!PyArg_ParseTuple(args, "s", &text))
        return NULL;
    return PyLong_FromUnsignedLong(fasthash(text));
}

static PyMethodDef methods[] = {{"digest", digest, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModule_Create(&definition);
}
