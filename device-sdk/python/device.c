/* SPDX-License-Identifier: Apache-2.0 */
/* reseal.Device */
#include <reseal/ack.h>
#include <reseal/rekey.h>
#include <string.h>

#include "credentials_json.h"
#include "module.h"
#include "py/mphal.h"
#include "py/runtime.h"

struct device {
    mp_obj_base_t base;
    volatile bool busy; /* a call is in the SDK: threads have no lock of their own on most boards */
    char principal[RESEAL_PRINCIPAL_MAX + 1];
    struct reseal_py_store store;
    struct reseal_device device;
};

static void wipe(struct device *self) {
    reseal_device_close(&self->device);
    reseal_py_store_close(&self->store);
}

/* Raises, and leaves nothing open, unless the kept credentials can be used. */
static void open_kept(struct device *self) {
    char text[RESEAL_CREDENTIALS_JSON_MAX];
    struct reseal_credentials credentials;
    struct reseal_buffer kept = {(uint8_t *)text, sizeof text, 0};
    enum reseal_status status = reseal_py_store_read(&self->store, &kept);
    const char *problem = NULL;
    if (status == RESEAL_OK) {
        problem = kept.size == 0
                      ? "no credentials are kept here: call reseal.provision first"
                      : reseal_credentials_json_read((struct reseal_bytes){kept.data, kept.size}, &credentials);
        reseal_wipe(text, sizeof text);
    }
    if (status == RESEAL_OK && problem == NULL) {
        const struct reseal_port port = reseal_py_store_port(&self->store);
        memcpy(self->principal, credentials.principal, sizeof self->principal);
        status = reseal_device_open(&self->device, &credentials, &port);
        reseal_wipe(&credentials, sizeof credentials);
    }
    if (status != RESEAL_OK || problem != NULL) {
        wipe(self);
        reseal_py_fail(problem != NULL ? RESEAL_BAD_CREDENTIALS : status,
                       problem != NULL ? problem : reseal_status_text(status));
    }
}

static mp_obj_t make_new(const mp_obj_type_t *type, size_t count, size_t keywords, const mp_obj_t *arguments) {
    mp_arg_check_num(count, keywords, 0, 1, false);
    reseal_py_enter();
    struct device *self = mp_obj_malloc_with_finaliser(struct device, type);
    memset((uint8_t *)self + sizeof self->base, 0, sizeof *self - sizeof self->base);
    reseal_py_store_take(&self->store, count > 0 ? arguments[0] : mp_const_none);
    open_kept(self);
    return MP_OBJ_FROM_PTR(self);
}

/* The device for one call into the SDK, which nothing interrupts by an exception; end it with leave. */
static struct device *enter(mp_obj_t object) {
    struct device *self = MP_OBJ_TO_PTR(object);
    const mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    const bool was_busy = self->busy;
    self->busy = true;
    MICROPY_END_ATOMIC_SECTION(state);
    if (was_busy) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("another thread is using this Device"));
    }
    return self;
}

static void leave(struct device *self, enum reseal_status status) {
    self->busy = false;
    reseal_py_check(status);
}

static mp_obj_t seal(mp_obj_t object, mp_obj_t topic_object, mp_obj_t payload_object) {
    reseal_py_enter();
    const char *topic = reseal_py_text(topic_object);
    const struct reseal_bytes plaintext = reseal_py_bytes(payload_object);
    struct reseal_py_result result = reseal_py_result_new(plaintext.size + RESEAL_OVERHEAD_MAX);
    struct reseal_message message = {.payload = result.buffer};
    struct device *self = enter(object);
    const enum reseal_status status = reseal_device_seal(&self->device, topic, plaintext, &message);
    leave(self, status);
    result.buffer.size = message.payload.size;
    const mp_obj_t pair[] = {mp_obj_new_str(message.topic, strlen(message.topic)), reseal_py_result_take(&result)};
    return mp_obj_new_tuple(MP_ARRAY_SIZE(pair), pair);
}
static MP_DEFINE_CONST_FUN_OBJ_3(seal_obj, seal);

static mp_obj_t receive(mp_obj_t object, mp_obj_t topic_object, mp_obj_t payload_object) {
    reseal_py_enter();
    const char *topic = reseal_py_text(topic_object);
    const struct reseal_bytes payload = reseal_py_bytes(payload_object);
    struct reseal_py_result result = reseal_py_result_new(payload.size);
    struct device *self = enter(object);
    const enum reseal_status status = reseal_device_receive(&self->device, topic, payload, &result.buffer);
    leave(self, status);
    return reseal_py_result_take(&result);
}
static MP_DEFINE_CONST_FUN_OBJ_3(receive_obj, receive);

static mp_obj_t login(size_t count, const mp_obj_t *arguments) {
    reseal_py_enter();
    const mp_int_t listener = mp_obj_get_int(arguments[1]);
    const char *client_id = count > 2 ? reseal_py_text(arguments[2]) : "{id}";
    char password[RESEAL_DEVICE_LOGIN_SIZE];
    struct device *self = enter(arguments[0]);
    const enum reseal_status status =
        reseal_device_login(&self->device, (enum reseal_listener)listener, client_id, password, sizeof password);
    leave(self, status);
    return mp_obj_new_str(password, strlen(password));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(login_obj, 2, 3, login);

static mp_obj_t ack(mp_obj_t object, mp_obj_t payload_object) {
    reseal_py_enter();
    const struct reseal_bytes payload = reseal_py_bytes(payload_object);
    struct reseal_py_ack *read = mp_obj_malloc(struct reseal_py_ack, &reseal_py_ack_type);
    struct device *self = enter(object);
    const enum reseal_status status = reseal_device_ack(&self->device, payload, &read->ack);
    leave(self, status);
    return MP_OBJ_FROM_PTR(read);
}
static MP_DEFINE_CONST_FUN_OBJ_2(ack_obj, ack);

static enum reseal_status keep(void *context, const struct reseal_credentials *fresh) {
    return reseal_py_keep(context, fresh);
}

static mp_obj_t rekey(mp_obj_t object, mp_obj_t payload_object) {
    reseal_py_enter();
    const struct reseal_bytes payload = reseal_py_bytes(payload_object);
    struct device *self = enter(object);
    const struct reseal_key_store keys = {&self->store, keep};
    const enum reseal_status status = reseal_device_rekey(&self->device, payload, &keys);
    leave(self, status);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(rekey_obj, rekey);

static mp_obj_t close_device(mp_obj_t object) {
    struct device *self = enter(object);
    wipe(self);
    leave(self, RESEAL_OK);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(close_obj, close_device);

/* Nothing refers to it any longer, not even a thread that was ended within a call. */
static mp_obj_t finalise(mp_obj_t object) {
    wipe(MP_OBJ_TO_PTR(object));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(finalise_obj, finalise);

static mp_obj_t exit_device(size_t count, const mp_obj_t *arguments) {
    (void)count;
    return close_device(arguments[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(exit_obj, 4, 4, exit_device);

static mp_obj_t identity(mp_obj_t object) {
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_1(enter_obj, identity);

static const mp_rom_map_elem_t methods[] = {
    {MP_ROM_QSTR(MP_QSTR_seal), MP_ROM_PTR(&seal_obj)},        {MP_ROM_QSTR(MP_QSTR_receive), MP_ROM_PTR(&receive_obj)},
    {MP_ROM_QSTR(MP_QSTR_login), MP_ROM_PTR(&login_obj)},      {MP_ROM_QSTR(MP_QSTR_ack), MP_ROM_PTR(&ack_obj)},
    {MP_ROM_QSTR(MP_QSTR_rekey), MP_ROM_PTR(&rekey_obj)},      {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&close_obj)},
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&finalise_obj)}, {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&enter_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&exit_obj)},
};
static MP_DEFINE_CONST_DICT(methods_dict, methods);

static mp_obj_t topic_of(const struct device *self, void (*write)(const struct reseal_device *device, char *out)) {
    char topic[RESEAL_REKEY_TOPIC_SIZE];
    _Static_assert(sizeof topic >= RESEAL_ACK_TOPIC_SIZE, "the longer of the two");
    write(&self->device, topic);
    if (topic[0] == '\0') {
        reseal_py_check(RESEAL_CLOSED);
    }
    return mp_obj_new_str(topic, strlen(topic));
}

/* What can be read. Nothing can be written, and no key is among it. */
static void attribute(mp_obj_t object, qstr name, mp_obj_t *dest) {
    const struct device *self = MP_OBJ_TO_PTR(object);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    switch (name) {
        case MP_QSTR_ack_topic:
            dest[0] = topic_of(self, reseal_ack_topic);
            break;
        case MP_QSTR_rekey_topic:
            dest[0] = topic_of(self, reseal_rekey_topic);
            break;
        case MP_QSTR_principal:
            dest[0] = mp_obj_new_str(self->principal, strlen(self->principal));
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL; /* go on with the methods */
            break;
    }
}

static void print(const mp_print_t *out, mp_obj_t object, mp_print_kind_t kind) {
    (void)kind;
    const struct device *self = MP_OBJ_TO_PTR(object);
    mp_printf(out, "<Device %s%s>", self->principal, self->device.sender.opened ? "" : ", closed");
}

MP_DEFINE_CONST_OBJ_TYPE(reseal_py_device_type, MP_QSTR_Device, MP_TYPE_FLAG_NONE, make_new, make_new, print, print,
                         attr, attribute, locals_dict, &methods_dict);
