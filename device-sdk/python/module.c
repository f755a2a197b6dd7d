/* SPDX-License-Identifier: Apache-2.0 */
/* The module reseal, and the object that Device.ack returns. */
#include "module.h"

#include <reseal/version.h>

#include "py/objstr.h"
#include "py/runtime.h"

static mp_obj_t names(mp_obj_t object, mp_obj_t message) {
    const struct reseal_py_ack *self = MP_OBJ_TO_PTR(object);
    return mp_obj_new_bool(reseal_ack_names(&self->ack, reseal_py_bytes(message)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(names_obj, names);

static const mp_rom_map_elem_t ack_methods[] = {{MP_ROM_QSTR(MP_QSTR_names), MP_ROM_PTR(&names_obj)}};
static MP_DEFINE_CONST_DICT(ack_methods_dict, ack_methods);

MP_DEFINE_CONST_OBJ_TYPE(reseal_py_ack_type, MP_QSTR_Ack, MP_TYPE_FLAG_NONE, locals_dict, &ack_methods_dict);

static const MP_DEFINE_STR_OBJ(version, RESEAL_VERSION_STRING);

#define NUMBER(name) \
    { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(RESEAL_##name) }
#define LISTENER(name) \
    { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(RESEAL_LISTENER_##name) }

static const mp_rom_map_elem_t globals[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_reseal)},
    {MP_ROM_QSTR(MP_QSTR_VERSION), MP_ROM_PTR(&version)},
    {MP_ROM_QSTR(MP_QSTR_Device), MP_ROM_PTR(&reseal_py_device_type)},
    {MP_ROM_QSTR(MP_QSTR_Error), MP_ROM_PTR(&reseal_py_error_type)},
    {MP_ROM_QSTR(MP_QSTR_provision), MP_ROM_PTR(&reseal_py_provision_obj)},
    /* where a password is for */
    LISTENER(SEALED),
    LISTENER(LOOPBACK),
    LISTENER(PSK),
    LISTENER(TLS),
    /* Error.status */
    NUMBER(MALFORMED),
    NUMBER(UNKNOWN_KEY),
    NUMBER(WRONG_DIRECTION),
    NUMBER(WRONG_ALGORITHM),
    NUMBER(STALE_EPOCH),
    NUMBER(COUNTER_LIMIT),
    NUMBER(REPLAY),
    NUMBER(BAD_TAG),
    NUMBER(BUFFER_TOO_SMALL),
    NUMBER(TOO_LONG),
    NUMBER(BAD_TOPIC),
    NUMBER(EPOCH_NOT_STORED),
    NUMBER(EPOCH_EXHAUSTED),
    NUMBER(NO_RANDOM),
    NUMBER(BAD_ARGUMENT),
    NUMBER(CRYPTO_FAILED),
    NUMBER(WINDOW_NOT_STORED),
    NUMBER(BAD_CREDENTIALS),
    NUMBER(CLOSED),
    NUMBER(IN_USE),
    NUMBER(NOT_STORED),
    NUMBER(OTHER_PROCESS),
};
static MP_DEFINE_CONST_DICT(globals_dict, globals);

const mp_obj_module_t reseal_py_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals_dict,
};
MP_REGISTER_MODULE(MP_QSTR_reseal, reseal_py_module);
