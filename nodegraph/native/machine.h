/* What a machine is made of (see machine.c). */

#ifndef NODEGRAPH_MACHINE_H
#define NODEGRAPH_MACHINE_H

#include "native.h"

#include <math.h>

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

#define AS_OPERATION(name, shape) OP_##name,
enum { OPERATIONS(AS_OPERATION) OP_COUNT };

/* The functions of the C library that CALL_1 and CALL_2 know. Python's have the same names. */
#define FUNCTIONS_1(X) \
    X(exp) X(expm1) X(log) X(log1p) X(log2) X(log10) X(sqrt) X(fabs) \
    X(sin) X(cos) X(tan) X(atan) X(sinh) X(cosh) X(tanh)
#define FUNCTIONS_2(X) X(atan2) X(copysign) X(fmod) X(pow)

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
    uint16_t *made;  /* registers */
    PyObject **news; /* room for what is made and kept, until it is laid down */
    Py_ssize_t length, read_count, made_count, kept_count, register_count, slot_count;
    Py_ssize_t first, least; /* where `made` is laid; how long V and N have to be */
} Machine;

/* Let a register have the value of an object; UNFIT, and 0, if that is of no use here. */
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

/* Read what the program may need, then work in registers until it is at its END; 0 if anything is
 * out of the ordinary. What is unfit does no harm as long as it is not used. */
int work(Machine *self, PyObject *const *V, PyObject *const *N);

#endif
