/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "module.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/objexcept.h"
#include "py/objstr.h"
#include "py/runtime.h"

/* reseal.Error(status, sentence): the first is also its attribute `status`. */
static void error_attr(mp_obj_t self, qstr name, mp_obj_t *dest) {
    if (name == MP_QSTR_status && dest[0] == MP_OBJ_NULL) {
        dest[0] = mp_obj_exception_get_value(self);
    } else {
        mp_obj_exception_attr(self, name, dest);
    }
}

MP_DEFINE_CONST_OBJ_TYPE(reseal_py_error_type, MP_QSTR_Error, MP_TYPE_FLAG_NONE, make_new, mp_obj_exception_make_new,
                         print, mp_obj_exception_print, attr, error_attr, parent, &mp_type_Exception);

void reseal_py_fail(enum reseal_status status, const char *sentence) {
    const mp_obj_t arguments[] = {MP_OBJ_NEW_SMALL_INT(status), mp_obj_new_str(sentence, strlen(sentence))};
    nlr_raise(mp_obj_new_exception_args(&reseal_py_error_type, MP_ARRAY_SIZE(arguments), arguments));
}

void reseal_py_check(enum reseal_status status) {
    if (status != RESEAL_OK) {
        reseal_py_fail(status, reseal_status_text(status));
    }
}

void reseal_py_enter(void) {
    if (gc_is_locked()) {
        mp_raise_msg(&mp_type_RuntimeError,
                     MP_ERROR_TEXT("not in an interrupt handler or with the heap locked: use micropython.schedule"));
    }
    mp_cstack_check();
}

const char *reseal_py_text(mp_obj_t object) {
    size_t size = 0;
    const char *text = mp_obj_str_get_data(object, &size); /* MicroPython ends both kinds with a NUL */
    if (strlen(text) != size) {
        reseal_py_check(RESEAL_BAD_TOPIC);
    }
    return text;
}

struct reseal_bytes reseal_py_bytes(mp_obj_t object) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(object, &info, MP_BUFFER_READ);
    return (struct reseal_bytes){info.buf, info.len};
}

struct reseal_py_result reseal_py_result_new(size_t capacity) {
    mp_obj_str_t *object = mp_obj_malloc(mp_obj_str_t, &mp_type_bytes);
    uint8_t *data = m_new0(uint8_t, capacity + 1);
    object->data = data;
    object->len = 0;
    object->hash = 0;
    return (struct reseal_py_result){MP_OBJ_FROM_PTR(object), {data, capacity, 0}};
}

mp_obj_t reseal_py_result_take(const struct reseal_py_result *result) {
    mp_obj_str_t *object = MP_OBJ_TO_PTR(result->object);
    object->len = result->buffer.size;
    object->hash = qstr_compute_hash(object->data, object->len);
    result->buffer.data[object->len] = '\0';
    return result->object;
}

void reseal_py_store_take(struct reseal_py_store *store, mp_obj_t folder) {
    memset(store, 0, sizeof *store);
    const char *name = folder == mp_const_none ? NULL : reseal_py_text(folder);
    switch (reseal_py_store_open(store, name)) {
        case RESEAL_OK:
            return;
        case RESEAL_IN_USE:
            reseal_py_fail(RESEAL_IN_USE, "another Device is open here: close it first");
        case RESEAL_BAD_ARGUMENT:
            reseal_py_fail(RESEAL_BAD_ARGUMENT,
                           "the folder cannot be used: boards have none, on Unix its path is too long");
        default:
            reseal_py_fail(RESEAL_NOT_STORED,
                           "what is kept here cannot be read: is there such a folder, and is it yours?");
    }
}
