/* What the machine does between reading and keeping: arithmetic on registers, as Python has it. */

#include "machine.h"

#define AS_CALLED(name) name,
static double (*const CALLED_1[])(double) = {FUNCTIONS_1(AS_CALLED)};
static double (*const CALLED_2[])(double, double) = {FUNCTIONS_2(AS_CALLED)};

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
#define TRUTH(value, result)             \
    if (IS_NUMBER(value)) {              \
        result = (value)->number != 0.0; \
    }                                    \
    else if ((value)->tag == NONE) {     \
        result = 0;                      \
    }                                    \
    else {                               \
        return 0;                        \
    }

/* A whole number as an `int`: never -0, and no more than can be counted. */
#define WHOLE(result)                     \
    A->tag = INT;                         \
    A->number = (result) + 0.0;           \
    if (!(fabs(A->number) < COUNTABLE)) { \
        return 0;                         \
    }

/* The result of an operation on two numbers, which is an `int` unless one of them is a float. */
#define ARITHMETIC(sign)                      \
    if (B->tag == FLOAT && C->tag == FLOAT) { \
        A->number = B->number sign C->number; \
        A->tag = FLOAT;                       \
        break;                                \
    }                                         \
    NUMBERS(B, C)                             \
    if (B->tag == FLOAT || C->tag == FLOAT) { \
        A->number = B->number sign C->number; \
        A->tag = FLOAT;                       \
    }                                         \
    else {                                    \
        WHOLE(B->number sign C->number)       \
    }                                         \
    break;

#define COMPARISON(sign)                      \
    {                                         \
        NUMBERS(B, C)                         \
        A->number = B->number sign C->number; \
        A->tag = BOOL;                        \
        break;                                \
    }

int
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
            if (B->tag != OBJECT || !PyTuple_Check(B->object) || it.c >= PyTuple_GET_SIZE(B->object)
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
            A->number = CALLED_1[it.b](C->number);
            A->tag = FLOAT;
            if (!isfinite(A->number)) {
                return 0;
            }
            break;
        case OP_CALL_2:
            NUMBERS(C, D)
            A->number = CALLED_2[it.b](C->number, D->number);
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
