/* What the files of this module share. */

#ifndef NODEGRAPH_NATIVE_H
#define NODEGRAPH_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

int add_machine(PyObject *module);

PyObject *publish(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
