/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the Python module share. */
#ifndef RESEAL_MICROPYTHON_MODULE_H
#define RESEAL_MICROPYTHON_MODULE_H

#include <reseal/ack.h>

#include "py/obj.h"
#include "store.h"

extern const mp_obj_type_t reseal_py_error_type;  /* reseal.Error */
extern const mp_obj_type_t reseal_py_device_type; /* reseal.Device */
extern const mp_obj_type_t reseal_py_ack_type;    /* what Device.ack returns */

struct reseal_py_ack {
    mp_obj_base_t base;
    struct reseal_ack ack;
};

/* reseal.provision(path, folder=None) */
extern const mp_obj_fun_builtin_var_t reseal_py_provision_obj;

/* Raises reseal.Error unless RESEAL_OK. */
void reseal_py_check(enum reseal_status status);

/* Raises reseal.Error with a sentence of its own, which must be constant. */
MP_NORETURN void reseal_py_fail(enum reseal_status status, const char *sentence);

/* Raises RuntimeError in a hard interrupt handler, or while the heap is locked; and if the stack is used up. */
void reseal_py_enter(void);

/* A str or bytes as C text. Raises TypeError, and reseal.Error if it contains a NUL. */
const char *reseal_py_text(mp_obj_t object);

/* Any object with a buffer, to read. Raises TypeError. */
struct reseal_bytes reseal_py_bytes(mp_obj_t object);

/*
 * Memory for `capacity` bytes of a result and its bytes object, taken before the SDK is called: nothing can fail
 * between an accepted message and its return.
 */
struct reseal_py_result {
    mp_obj_t object;
    struct reseal_buffer buffer;
};
struct reseal_py_result reseal_py_result_new(size_t capacity);
mp_obj_t reseal_py_result_take(const struct reseal_py_result *result);

/* Takes the store in `folder` (None: the port's own place), or raises reseal.Error and leaves it closed. */
void reseal_py_store_take(struct reseal_py_store *store, mp_obj_t folder);

/* Replaces the kept credentials. */
enum reseal_status reseal_py_keep(struct reseal_py_store *store, const struct reseal_credentials *fresh);

#endif
