/* Writes a row of `nodegraph.runtime.publish.Ring`, as its `write` does, straight from the values
 * of an engine. Between the stamps of a row and its numbers stand fences, so that readers of any
 * machine see the stores in the order in which they were made. */

#include "native.h"

#if defined(_MSC_VER)
#include <intrin.h>
static volatile long fenced;
#define FENCE() _InterlockedOr(&fenced, 0)
#else
#define FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif

enum { WRITING = 4, TICKS = 5, HEADER = 8 };

/* Lay the values at some places into a row; NaN where there is none. 0 if that cannot be done. */
static int
fill(double *row, PyObject *values, const int32_t *places, Py_ssize_t columns)
{
    PyObject **value = ((PyListObject *)values)->ob_item;
    Py_ssize_t end = PyList_GET_SIZE(values);
    for (Py_ssize_t column = 0; column < columns; column++) {
        int32_t place = places[column];
        if (place < 0 || place >= end) {
            row[column] = Py_NAN;
        }
        else if (PyFloat_CheckExact(value[place])) {
            row[column] = PyFloat_AS_DOUBLE(value[place]);
        }
        else {
            row[column] = PyFloat_AsDouble(value[place]);
            if (row[column] == -1.0 && PyErr_Occurred()) {
                return 0;
            }
        }
    }
    return 1;
}

/* publish(ring, rows, tick, values, places): write the row of a tick. `places` are int32, one for
 * each column: which of the values stands there, or -1. */
PyObject *
publish(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 5 || !PyList_CheckExact(arguments[3]) || !PyBytes_CheckExact(arguments[4])) {
        PyErr_SetString(PyExc_TypeError, "publish takes a ring, rows, a tick, a list and bytes");
        return NULL;
    }
    Py_ssize_t rows = PyLong_AsSsize_t(arguments[1]), tick = PyLong_AsSsize_t(arguments[2]);
    if ((rows == -1 || tick == -1) && PyErr_Occurred()) {
        return NULL;
    }
    Py_buffer ring;
    if (PyObject_GetBuffer(arguments[0], &ring, PyBUF_WRITABLE) < 0) {
        return NULL;
    }
    Py_ssize_t columns = PyBytes_GET_SIZE(arguments[4]) / (Py_ssize_t)sizeof(int32_t);
    Py_ssize_t width = columns + 2, needed = (HEADER + rows * width) * (Py_ssize_t)sizeof(uint64_t);
    int fine = 0;
    if (rows < 1 || tick < 1 || ring.len < needed) {
        PyErr_SetString(PyExc_ValueError, "this is no ring of such rows");
    }
    else {
        uint64_t *words = ring.buf, *row = words + HEADER + (tick - 1) % rows * width;
        words[WRITING] = (uint64_t)tick;
        row[0] = (uint64_t)tick;
        FENCE();
        fine = fill((double *)(row + 1), arguments[3],
                    (const int32_t *)PyBytes_AS_STRING(arguments[4]), columns);
        FENCE();
        row[columns + 1] = (uint64_t)tick;
        words[TICKS] = (uint64_t)tick;
    }
    PyBuffer_Release(&ring);
    if (!fine) {
        return NULL;
    }
    Py_RETURN_NONE;
}
