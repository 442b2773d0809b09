/* The module `nodegraph.native.code`. */

#include "native.h"

static PyMethodDef functions[] = {
    {"publish", (PyCFunction)(void (*)(void))publish, METH_FASTCALL,
     "publish(ring, rows, tick, values, places)\n--\n\nWrite the row of a tick into a ring."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_machine}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "nodegraph.native.code",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_code(void)
{
    return PyModuleDef_Init(&definition);
}
