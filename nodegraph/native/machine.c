/* Runs what `nodegraph.compiler.machine` makes of a chunk of plain steps: the same arithmetic as the
 * chunk's text, without the interpreter between two operations.
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

#include "native.h"

#include <math.h>
#include <stddef.h>
#include <structmember.h>

/* What a register holds. Numbers of all three types are doubles here; `int` ones are whole and no
 * further from 0 than doubles can count. */
typedef enum { BOOL, INT, FLOAT, NONE, OBJECT, TUPLE, UNFIT } Tag;

#define COUNTABLE 9007199254740992.0 /* 2**53 */

typedef struct {
    Tag tag;
    uint16_t count, maker; /* of a TUPLE: how many registers, and the cell of its class */
    union {
        double number;
        PyObject *object; /* borrowed from the cell that it lies in */
        uint16_t first;   /* of a TUPLE: the register of its first part */
    };
} Value;

typedef struct {
    uint16_t op, a, b, c, d;
} Instruction;

/* Operations, and what their operands are: registers to write (w) and to read (r), a cell (c), the
 * name of an attribute (n), a later place in the program (j), a count (i), a function (f), or
 * nothing (_). So every program comes to its END. */
#define OPERATIONS(X) \
    X(MOVE, "wr") \
    X(ADD, "wrr") X(SUB, "wrr") X(MUL, "wrr") X(DIV, "wrr") X(FLOORDIV, "wrr") X(MOD, "wrr") \
    X(POW, "wrr") X(NEG, "wr") X(NOT, "wr") X(ABS, "wr") \
    X(LT, "wrr") X(LE, "wrr") X(GT, "wrr") X(GE, "wrr") X(EQ, "wrr") X(NE, "wrr") \
    X(IS_NONE, "wr") X(MIN, "wrr") X(MAX, "wrr") X(HELD, "wrrr") \
    X(FLOAT_OF, "wr") X(INT_OF, "wr") X(BOOL_OF, "wr") X(FLOOR, "wr") X(CEIL, "wr") \
    X(JUMP, "__j") X(JUMP_IF, "_rj") X(JUMP_UNLESS, "_rj") \
    X(MAKE, "wrir") X(MAKE_NAMED, "wric") X(PART, "wri") X(FIELD, "wrn") \
    X(CALL_1, "wfr") X(CALL_2, "wfrr") X(END, "")

#define AS_ENUM(name, shape) OP_##name,
#define AS_ROW(name, shape) {#name, shape},
enum { OPERATIONS(AS_ENUM) OP_COUNT };
static const struct {
    const char *name, *shape;
} TABLE[] = {OPERATIONS(AS_ROW)};

static const struct {
    const char *name;
    double (*of)(double);
} FUNCTIONS_1[] = {
    {"exp", exp}, {"expm1", expm1}, {"log", log},   {"log1p", log1p}, {"log2", log2},
    {"log10", log10}, {"sqrt", sqrt}, {"sin", sin}, {"cos", cos}, {"tan", tan},
    {"atan", atan}, {"sinh", sinh}, {"cosh", cosh}, {"tanh", tanh}, {"fabs", fabs},
};
static const struct {
    const char *name;
    double (*of)(double, double);
} FUNCTIONS_2[] = {{"atan2", atan2}, {"copysign", copysign}, {"fmod", fmod}, {"pow", pow}};

/* A slot, of this tick or of the one before, and the register that it is read into. */
typedef struct {
    uint16_t slot, before, to;
} Slot;

/* What a cell holds, and the register that it is read into or kept from. */
typedef struct {
    PyObject **content;
    Value *value;
} Held;

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *cells, *names; /* tuples */
    Instruction *program;
    Value *registers;
    Slot *slots;
    Held *reads, *kept;
    uint16_t *made; /* registers */
    PyObject **news;       /* room for what is made and kept, until it is laid down */
    Py_ssize_t length, read_count, made_count, kept_count, register_count, slot_count;
    Py_ssize_t first, least; /* where `made` is laid; how long V and N have to be */
} Machine;

/* The value of an object; UNFIT, and 0, if it is of no use here. */
static inline int
read_object(Value *to, PyObject *object)
{
    if (object == NULL) {
        to->tag = UNFIT;
    }
    else if (PyFloat_CheckExact(object)) {
        to->tag = FLOAT;
        to->number = PyFloat_AS_DOUBLE(object);
    }
    else if (PyBool_Check(object)) {
        to->tag = BOOL;
        to->number = object == Py_True;
    }
    else if (object == Py_None) {
        to->tag = NONE;
    }
    else if (PyLong_CheckExact(object)) {
        to->tag = INT;
        to->number = PyLong_AsDouble(object);
        if (!(fabs(to->number) < COUNTABLE)) {
            PyErr_Clear();
            to->tag = UNFIT;
        }
    }
    else {
        to->tag = OBJECT;
        to->object = object;
    }
    return to->tag != UNFIT;
}

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
    PyTypeObject *type = &PyTuple_Type;
    if (value->maker != UINT16_MAX) {
        type = (PyTypeObject *)PyCell_GET(PyTuple_GET_ITEM(self->cells, value->maker));
    }
    PyObject *made = type->tp_alloc(type, value->count);
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

/* What `//` and `%` of Python are, as CPython computes them from `fmod`. */
static inline double
modulo(double left, double right, double *quotient)
{
    double rest = fmod(left, right), whole = (left - rest) / right;
    if (rest != 0.0) {
        if ((right < 0.0) != (rest < 0.0)) {
            rest += right;
            whole -= 1.0;
        }
    }
    else {
        rest = copysign(0.0, right);
    }
    if (whole != 0.0) {
        double floored = floor(whole);
        *quotient = whole - floored > 0.5 ? floored + 1.0 : floored;
    }
    else {
        *quotient = copysign(0.0, left / right);
    }
    return rest;
}

/* The registers that an instruction names. */
#define A (&registers[it.a])
#define B (&registers[it.b])
#define C (&registers[it.c])
#define D (&registers[it.d])

#define IS_NUMBER(value) ((value)->tag <= FLOAT)
#define NUMBERS(one, other)                     \
    if (!IS_NUMBER(one) || !IS_NUMBER(other)) { \
        return 0;                               \
    }

/* Whether a number counts as true; NONE does not, and of others it is not asked. */
#define TRUTH(value, result)              \
    if (IS_NUMBER(value)) {               \
        result = (value)->number != 0.0;  \
    }                                     \
    else if ((value)->tag == NONE) {      \
        result = 0;                       \
    }                                     \
    else {                                \
        return 0;                         \
    }

/* A whole number as an `int`: never -0, and no more than can be counted. */
#define WHOLE(result)                      \
    A->tag = INT;                           \
    A->number = (result) + 0.0;             \
    if (!(fabs(A->number) < COUNTABLE)) {  \
        return 0;                              \
    }

/* The result of an operation on two numbers, which is an `int` unless one of them is a float. */
#define ARITHMETIC(sign)                                  \
    if (B->tag == FLOAT && C->tag == FLOAT) {             \
        A->number = B->number sign C->number;             \
        A->tag = FLOAT;                                   \
        break;                                            \
    }                                                     \
    NUMBERS(B, C)                                         \
    if (B->tag == FLOAT || C->tag == FLOAT) {             \
        A->number = B->number sign C->number;             \
        A->tag = FLOAT;                                   \
    }                                                     \
    else {                                                \
        WHOLE(B->number sign C->number)                   \
    }                                                     \
    break;

#define COMPARISON(sign)                        \
    {                                           \
        NUMBERS(B, C)                           \
        A->number = B->number sign C->number;  \
        A->tag = BOOL;                         \
        break;                                  \
    }

/* Read what the program may need, then work in registers until it is at its end; 0 if anything is
 * out of the ordinary. What is unfit does no harm as long as it is not used. */
static int
work(Machine *self, PyObject *const *V, PyObject *const *N)
{
    Value *registers = self->registers;
    for (const Held *it = self->reads; it < self->reads + self->read_count; it++) {
        read_object(it->value, *it->content);
    }
    for (const Slot *it = self->slots; it < self->slots + self->slot_count; it++) {
        read_object(&registers[it->to], (it->before ? V : N)[it->slot]);
    }
    for (const Instruction *at = self->program;;) {
        const Instruction it = *at++;
        int truth;
        switch (it.op) {
        case OP_MOVE:
            *A = *B;
            break;
        case OP_ADD:
            ARITHMETIC(+)
        case OP_SUB:
            ARITHMETIC(-)
        case OP_MUL:
            ARITHMETIC(*)
        case OP_DIV:
            NUMBERS(B, C)
            if (C->number == 0.0) {
                return 0;
            }
            A->number = B->number / C->number;
            A->tag = FLOAT;
            break;
        case OP_FLOORDIV:
        case OP_MOD: {
            NUMBERS(B, C)
            if (C->number == 0.0) {
                return 0;
            }
            double quotient, rest = modulo(B->number, C->number, &quotient);
            double result = it.op == OP_MOD ? rest : quotient;
            if (B->tag == FLOAT || C->tag == FLOAT) {
                A->number = result;
                A->tag = FLOAT;
            }
            else {
                WHOLE(result)
            }
            break;
        }
        case OP_POW: {
            NUMBERS(B, C)
            if (B->tag != FLOAT && C->tag != FLOAT) {
                return 0;
            }
            A->number = pow(B->number, C->number);
            A->tag = FLOAT;
            if (!isfinite(A->number)) {
                return 0;
            }
            break;
        }
        case OP_NEG:
            NUMBERS(B, B)
            if (B->tag == FLOAT) {
                A->number = -B->number;
                A->tag = FLOAT;
            }
            else {
                WHOLE(-B->number)
            }
            break;
        case OP_ABS:
            NUMBERS(B, B)
            A->tag = B->tag == FLOAT ? FLOAT : INT;
            A->number = fabs(B->number);
            break;
        case OP_NOT:
            TRUTH(B, truth)
            A->number = !truth;
            A->tag = BOOL;
            break;
        case OP_LT:
            COMPARISON(<)
        case OP_LE:
            COMPARISON(<=)
        case OP_GT:
            COMPARISON(>)
        case OP_GE:
            COMPARISON(>=)
        case OP_EQ:
            COMPARISON(==)
        case OP_NE:
            COMPARISON(!=)
        case OP_IS_NONE:
            if (B->tag == UNFIT) {
                return 0;
            }
            A->number = B->tag == NONE;
            A->tag = BOOL;
            break;
        case OP_MIN:
            NUMBERS(B, C)
            *A = C->number < B->number ? *C : *B;
            break;
        case OP_MAX:
            NUMBERS(B, C)
            *A = C->number > B->number ? *C : *B;
            break;
        case OP_HELD:
            NUMBERS(B, C)
            NUMBERS(D, D)
            *A = B->number < C->number ? *C : B->number > D->number ? *D : *B;
            break;
        case OP_FLOAT_OF:
            NUMBERS(B, B)
            A->number = B->number;
            A->tag = FLOAT;
            break;
        case OP_INT_OF:
            NUMBERS(B, B)
            WHOLE(trunc(B->number))
            break;
        case OP_FLOOR:
            NUMBERS(B, B)
            WHOLE(floor(B->number))
            break;
        case OP_CEIL:
            NUMBERS(B, B)
            WHOLE(ceil(B->number))
            break;
        case OP_BOOL_OF:
            TRUTH(B, truth)
            A->number = truth;
            A->tag = BOOL;
            break;
        case OP_JUMP:
            at = self->program + it.c;
            break;
        case OP_JUMP_IF:
            TRUTH(B, truth)
            if (truth) {
                at = self->program + it.c;
            }
            break;
        case OP_JUMP_UNLESS:
            TRUTH(B, truth)
            if (!truth) {
                at = self->program + it.c;
            }
            break;
        case OP_MAKE:
        case OP_MAKE_NAMED:
            A->tag = TUPLE;
            A->first = it.b;
            A->count = it.c;
            A->maker = it.op == OP_MAKE_NAMED ? it.d : UINT16_MAX;
            break;
        case OP_PART:
            if (B->tag == TUPLE && it.c < B->count) {
                *A = registers[B->first + it.c];
                break;
            }
            if (B->tag != OBJECT || !PyTuple_Check(B->object)
                     || it.c >= PyTuple_GET_SIZE(B->object)
                     || !read_object(A, PyTuple_GET_ITEM(B->object, it.c))) {
                return 0;
            }
            break;
        case OP_FIELD: {
            if (B->tag != OBJECT || !PyTuple_Check(B->object)) {
                return 0;
            }
            PyObject *part = PyObject_GetAttr(B->object, PyTuple_GET_ITEM(self->names, it.c));
            int fine = read_object(A, part) && A->tag != OBJECT;
            Py_XDECREF(part);
            if (!fine) {
                return 0;
            }
            break;
        }
        case OP_CALL_1:
            NUMBERS(C, C)
            A->number = FUNCTIONS_1[it.b].of(C->number);
            A->tag = FLOAT;
            if (!isfinite(A->number)) {
                return 0;
            }
            break;
        case OP_CALL_2:
            NUMBERS(C, D)
            A->number = FUNCTIONS_2[it.b].of(C->number, D->number);
            A->tag = FLOAT;
            if (!isfinite(A->number)) {
                return 0;
            }
            break;
        case OP_END:
            return 1;
        default:
            Py_UNREACHABLE();
        }
    }
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
        const char *shape = TABLE[it->op].shape;
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
                end = it->op == OP_CALL_1 ? LENGTH(FUNCTIONS_1) : LENGTH(FUNCTIONS_2);
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

/* A copy of the items of a size that a buffer has, which is released; their number goes to `count`. */
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
    self->news = PyMem_Calloc((size_t)(self->made_count + self->kept_count) + 1, sizeof(PyObject *));
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

/* The names of a table, in its order, as an attribute of the module. */
#define ADD_NAMES(module, attribute, table)                                      \
    {                                                                            \
        PyObject *names = PyTuple_New(LENGTH(table));                            \
        for (size_t at = 0; names != NULL && at < LENGTH(table); at++) {         \
            PyTuple_SET_ITEM(names, at, PyUnicode_FromString((table)[at].name)); \
        }                                                                        \
        if (add(module, attribute, names) < 0) {                                 \
            return -1;                                                           \
        }                                                                        \
    }

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
    ADD_NAMES(module, "OPERATIONS", TABLE)
    ADD_NAMES(module, "FUNCTIONS_1", FUNCTIONS_1)
    ADD_NAMES(module, "FUNCTIONS_2", FUNCTIONS_2)
    return add(module, "Machine", PyType_FromModuleAndSpec(module, &specification, NULL));
}
