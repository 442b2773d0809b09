/* Runs what `nodegraph.compiler.machine` makes of a chunk of plain steps: the same arithmetic as
 * the chunk's text, without the interpreter between two operations.
 *
 * A chunk is a transaction, and so is a run of its program. It reads cells and values, works in
 * registers, and only when every number is known to be finite does it touch anything. Whatever is
 * out of the ordinary (a value of another type, a division by zero, an overflow) raises
 * ArithmeticError before anything has happened; the engine then runs the careful form of the chunk,
 * in Python, which finds out who it was. So nothing here has to explain itself, and nothing that
 * Python would do otherwise is ever done: numbers are the same to the last bit.
 *
 * No code of Python runs in here but the attributes of a node's state, which is a tuple.
 */

#include "machine.h"

#include <stddef.h>
#include <structmember.h>

#define AS_NAME(name, ...) #name,
#define AS_SHAPE(name, shape) shape,
static const char *const NAMES[] = {OPERATIONS(AS_NAME)};
static const char *const SHAPES[] = {OPERATIONS(AS_SHAPE)};
static const char *const NAMES_1[] = {FUNCTIONS_1(AS_NAME)};
static const char *const NAMES_2[] = {FUNCTIONS_2(AS_NAME)};

/* A new reference to what a register holds; NULL, perhaps without an exception, if it is nothing
 * that may leave. */
static PyObject *
object_of(const Machine *self, const Value *value)
{
    switch (value->tag) {
    case FLOAT:
        return PyFloat_FromDouble(value->number);
    case BOOL:
        return Py_NewRef(value->number != 0.0 ? Py_True : Py_False);
    case INT:
        return PyLong_FromDouble(value->number);
    case NONE:
        return Py_NewRef(Py_None);
    case OBJECT:
        return Py_NewRef(value->object);
    case UNFIT:
        return NULL;
    case TUPLE:
        break;
    }
    PyObject *made;
    if (value->maker == UINT16_MAX) {
        made = PyTuple_New(value->count);
    }
    else {
        PyObject *maker = PyCell_GET(PyTuple_GET_ITEM(self->cells, value->maker));
        made = ((PyTypeObject *)maker)->tp_alloc((PyTypeObject *)maker, value->count);
    }
    for (uint16_t at = 0; made != NULL && at < value->count; at++) {
        const Value *inner = &self->registers[value->first + at];
        PyObject *part = inner->tag == TUPLE ? NULL : object_of(self, inner);
        if (part == NULL) {
            Py_CLEAR(made);
        }
        else {
            PyTuple_SET_ITEM(made, at, part);
        }
    }
    return made;
}

/* Whether an object is a float that nobody knows but the place where it lies, so that it can take
 * another value where it is. */
static inline int
is_own_float(PyObject *object)
{
#ifdef Py_GIL_DISABLED
    return 0;
#else
    return object != NULL && Py_REFCNT(object) == 1 && PyFloat_CheckExact(object);
#endif
}

/* Find an object for a value that goes to a place: NULL in `new` if the float that lies there can
 * take it. 0 if there is none. */
static inline int
find_room(const Machine *self, const Value *value, PyObject *old, PyObject **new)
{
    *new = NULL;
    return (value->tag == FLOAT && is_own_float(old)) || (*new = object_of(self, value)) != NULL;
}

/* Lay a value down where there is room for it. */
static inline void
lay(const Value *value, PyObject **place, PyObject *new)
{
    if (new == NULL) {
        ((PyFloatObject *)*place)->ob_fval = value->number;
    }
    else {
        PyObject *old = *place;
        *place = new;
        Py_XDECREF(old);
    }
}

/* Lay down what was worked out: values into N, states into their cells. Nothing is laid before all
 * of it is known to be fit and has room; 0 if that is not so. */
static int
keep(Machine *self, PyObject **N)
{
    PyObject **news = self->news, **end = news;
    const Value *registers = self->registers;
    for (Py_ssize_t at = 0; at < self->made_count; at++, end++) {
        const Value *value = &registers[self->made[at]];
        if ((value->tag == FLOAT ? !isfinite(value->number) : value->tag != BOOL)
            || !find_room(self, value, N[at], end)) {
            goto unfit;
        }
    }
    for (Py_ssize_t at = 0; at < self->kept_count; at++, end++) {
        if (!find_room(self, self->kept[at].value, *self->kept[at].content, end)) {
            goto unfit;
        }
    }
    for (Py_ssize_t at = 0; at < self->made_count; at++) {
        lay(&registers[self->made[at]], &N[at], *news++);
    }
    for (Py_ssize_t at = 0; at < self->kept_count; at++) {
        lay(self->kept[at].value, self->kept[at].content, *news++);
    }
    return 1;
unfit:
    while (end > news) {
        Py_XDECREF(*--end);
    }
    return 0;
}

/* machine(n, now, brought, V, N), as the function of a chunk is called. */
static PyObject *
machine_call(PyObject *callable, PyObject *const *arguments, size_t flags, PyObject *keywords)
{
    Machine *self = (Machine *)callable;
    if (PyVectorcall_NARGS(flags) != 5 || keywords != NULL || !PyList_CheckExact(arguments[3])
        || !PyList_CheckExact(arguments[4]) || PyList_GET_SIZE(arguments[3]) < self->least
        || PyList_GET_SIZE(arguments[4]) < self->least) {
        PyErr_SetString(PyExc_TypeError, "a chunk is called with n, now, brought, V and N");
        return NULL;
    }
    PyObject **V = ((PyListObject *)arguments[3])->ob_item;
    PyObject **N = ((PyListObject *)arguments[4])->ob_item;
    if (read_object(&self->registers[0], arguments[0])
        && read_object(&self->registers[1], arguments[1]) && work(self, V, N)
        && keep(self, N + self->first)) {
        Py_RETURN_NONE;
    }
    if (!PyErr_Occurred()) {
        PyErr_SetNone(PyExc_ArithmeticError);
    }
    return NULL;
}

/* What pairs of a cell's and a register's number stand for; NULL if they are none. */
static Held *
held(const Machine *self, const uint16_t *pairs, Py_ssize_t count)
{
    Held *made = PyMem_Calloc((size_t)count + 1, sizeof(Held));
    for (Py_ssize_t at = 0; made != NULL && at < count; at++) {
        uint16_t cell = pairs[2 * at], to = pairs[2 * at + 1];
        if (cell >= PyTuple_GET_SIZE(self->cells) || to >= self->register_count) {
            PyMem_Free(made);
            return NULL;
        }
        made[at].content = &((PyCellObject *)PyTuple_GET_ITEM(self->cells, cell))->ob_ref;
        made[at].value = &self->registers[to];
    }
    return made;
}

/* Whether every operand of the program is one. */
static int
is_sound(const Machine *self)
{
    for (const Instruction *it = self->program; it < self->program + self->length; it++) {
        if (it->op >= OP_COUNT) {
            return 0;
        }
        const uint16_t operands[] = {it->a, it->b, it->c, it->d};
        const char *shape = SHAPES[it->op];
        for (size_t place = 0; shape[place] != '\0'; place++) {
            Py_ssize_t end = 1;
            switch (shape[place]) {
            case 'w':
            case 'r':
                end = self->register_count;
                break;
            case 'c':
                end = PyTuple_GET_SIZE(self->cells);
                break;
            case 'n':
                end = PyTuple_GET_SIZE(self->names);
                break;
            case 'j':
                end = self->length;
                break;
            case 'i': /* so many parts, or the place of one */
                end = it->op == OP_PART ? UINT16_MAX : self->register_count - it->b + 1;
                break;
            case 'f':
                end = it->op == OP_CALL_1 ? LENGTH(NAMES_1) : LENGTH(NAMES_2);
                break;
            }
            if (operands[place] >= end
                || (shape[place] == 'j' && operands[place] <= it - self->program)) {
                return 0;
            }
            if (it->op == OP_MAKE_NAMED && shape[place] == 'c') {
                PyObject *maker = PyCell_GET(PyTuple_GET_ITEM(self->cells, operands[place]));
                if (maker == NULL || !PyType_Check(maker)
                    || !PyType_IsSubtype((PyTypeObject *)maker, &PyTuple_Type)) {
                    return 0;
                }
            }
        }
    }
    if (self->length == 0 || self->program[self->length - 1].op != OP_END) {
        return 0;
    }
    for (Py_ssize_t at = 0; at < self->made_count; at++) {
        if (self->made[at] >= self->register_count) {
            return 0;
        }
    }
    for (Py_ssize_t at = 0; at < self->slot_count; at++) {
        if (self->slots[at].to >= self->register_count) {
            return 0;
        }
    }
    return 1;
}

/* A copy of the items of a size that a buffer has, which is released; their number goes to `count`.
 */
static void *
copied(Py_buffer *from, size_t size, Py_ssize_t *count)
{
    void *made = PyMem_Malloc((size_t)from->len + 1);
    if (made != NULL) {
        memcpy(made, from->buf, (size_t)from->len);
    }
    *count = from->len / (Py_ssize_t)size;
    PyBuffer_Release(from);
    return made;
}

/* Take over what a machine is made of. 0 if it is nothing that can run. */
static int
set_up(Machine *self, PyObject *arguments)
{
    Py_buffer program, reads, slots, made, kept;
    PyObject *constants, *cells, *names;
    if (!PyArg_ParseTuple(arguments, "y*O!O!O!y*y*y*ny*", &program, &PyTuple_Type, &constants,
                          &PyTuple_Type, &cells, &PyTuple_Type, &names, &reads, &slots, &made,
                          &self->first, &kept)) {
        return 0;
    }
    self->cells = Py_NewRef(cells);
    self->names = Py_NewRef(names);
    self->register_count = PyTuple_GET_SIZE(constants);
    self->registers = PyMem_Calloc((size_t)self->register_count + 1, sizeof(Value));
    self->program = copied(&program, sizeof(Instruction), &self->length);
    self->slots = copied(&slots, sizeof(Slot), &self->slot_count);
    self->made = copied(&made, sizeof(uint16_t), &self->made_count);
    uint16_t *read = copied(&reads, 2 * sizeof(uint16_t), &self->read_count);
    uint16_t *keep = copied(&kept, 2 * sizeof(uint16_t), &self->kept_count);
    self->news =
        PyMem_Calloc((size_t)(self->made_count + self->kept_count) + 1, sizeof(PyObject *));
    int fine = read && keep && self->registers && self->program && self->slots && self->made
               && self->news && self->first >= 0 && self->register_count >= 2;
    for (Py_ssize_t at = 0; fine && at < PyTuple_GET_SIZE(self->cells); at++) {
        fine = PyCell_Check(PyTuple_GET_ITEM(self->cells, at));
    }
    if (fine && is_sound(self)) {
        self->reads = held(self, read, self->read_count);
        self->kept = held(self, keep, self->kept_count);
    }
    PyMem_Free(read);
    PyMem_Free(keep);
    fine = fine && self->reads && self->kept;
    for (Py_ssize_t at = 0; fine && at < self->register_count; at++) {
        Value *value = &self->registers[at];
        fine = read_object(value, PyTuple_GET_ITEM(constants, at)) && value->tag != OBJECT;
    }
    self->least = self->first + self->made_count;
    for (Py_ssize_t at = 0; fine && at < self->slot_count; at++) {
        Py_ssize_t slot = self->slots[at].slot;
        self->least = slot >= self->least ? slot + 1 : self->least;
    }
    return fine;
}

static PyObject *
machine_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(keywords))
{
    Machine *self = (Machine *)type->tp_alloc(type, 0);
    if (self != NULL && !set_up(self, arguments)) {
        Py_CLEAR(self);
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "this is no program of a chunk");
        }
    }
    if (self != NULL) {
        self->call = machine_call;
    }
    return (PyObject *)self;
}

static int
machine_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(((Machine *)object)->cells);
    return 0;
}

static int
machine_clear(PyObject *object)
{
    Py_CLEAR(((Machine *)object)->cells);
    return 0;
}

static void
machine_dealloc(PyObject *object)
{
    Machine *self = (Machine *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    Py_XDECREF(self->cells);
    Py_XDECREF(self->names);
    PyMem_Free(self->program);
    PyMem_Free(self->made);
    PyMem_Free(self->kept);
    PyMem_Free(self->slots);
    PyMem_Free(self->reads);
    PyMem_Free(self->registers);
    PyMem_Free(self->news);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Machine, call), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Machine(program, registers, cells, names, reads, slots, made, first, kept)\n--\n\n"
                "A chunk as a program, to be called in place of its function."},
    {Py_tp_new, machine_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_traverse, machine_traverse},
    {Py_tp_clear, machine_clear},
    {Py_tp_dealloc, machine_dealloc},
    {Py_tp_members, members},
    {0, NULL},
};

static PyType_Spec specification = {
    .name = "nodegraph.native.code.Machine",
    .basicsize = sizeof(Machine),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

/* Names as a tuple. */
static PyObject *
names_of(const char *const *names, size_t count)
{
    PyObject *made = PyTuple_New((Py_ssize_t)count);
    for (size_t at = 0; made != NULL && at < count; at++) {
        PyObject *name = PyUnicode_FromString(names[at]);
        if (name == NULL) {
            Py_CLEAR(made);
            break;
        }
        PyTuple_SET_ITEM(made, (Py_ssize_t)at, name);
    }
    return made;
}

/* Let the module have an attribute, whose reference is taken over; NULL is an error of its own. */
static int
add(PyObject *module, const char *name, PyObject *value)
{
    int failed = PyModule_AddObjectRef(module, name, value);
    Py_XDECREF(value);
    return failed;
}

int
add_machine(PyObject *module)
{
    if (add(module, "OPERATIONS", names_of(NAMES, OP_COUNT)) < 0
        || add(module, "FUNCTIONS_1", names_of(NAMES_1, LENGTH(NAMES_1))) < 0
        || add(module, "FUNCTIONS_2", names_of(NAMES_2, LENGTH(NAMES_2))) < 0) {
        return -1;
    }
    return add(module, "Machine", PyType_FromModuleAndSpec(module, &specification, NULL));
}
