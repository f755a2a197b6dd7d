/* SPDX-License-Identifier: Apache-2.0 */
/* reseal.provision: takes credentials from a file into the device's own store. */
#include <string.h>

#include "credentials_json.h"
#include "module.h"
#include "py/builtin.h"
#include "py/runtime.h"
#include "py/stream.h"

enum { FILE_MAX = 1024 }; /* bytes of a credentials file; `provision export` writes fewer than 512 */

/* The module reads the file itself, so that no Python object holds the secret. */
static size_t read_file(mp_obj_t path, uint8_t out[FILE_MAX]) {
    const mp_obj_t arguments[] = {path, MP_OBJ_NEW_QSTR(MP_QSTR_rb)};
    const mp_obj_t file =
        mp_builtin_open(MP_ARRAY_SIZE(arguments), arguments, (mp_map_t *)(uintptr_t)&mp_const_empty_map);
    int error = 0;
    const size_t size = mp_stream_rw(file, out, FILE_MAX, &error, MP_STREAM_RW_READ);
    mp_stream_close(file);
    if (error != 0) {
        reseal_wipe(out, FILE_MAX);
        mp_raise_OSError(error);
    }
    return size;
}

static void read_credentials(mp_obj_t path, struct reseal_credentials *out) {
    uint8_t text[FILE_MAX];
    const size_t size = read_file(path, text);
    const char *problem = size == FILE_MAX ? "the file is too long: it is not what `provision export` writes"
                                           : reseal_credentials_json_read((struct reseal_bytes){text, size}, out);
    reseal_wipe(text, sizeof text);
    if (problem != NULL) {
        reseal_py_fail(RESEAL_BAD_CREDENTIALS, problem);
    }
}

/* Whether this build of mbedTLS has the algorithm: better known now than at the first reading. */
static enum reseal_status check_algorithm(uint8_t algorithm) {
    static const uint8_t key[RESEAL_KEY_SIZE_MAX];
    struct reseal_aead aead;
    const struct reseal_crypto *crypto = reseal_crypto_mbedtls();
    const enum reseal_status status = crypto->init(&aead, (enum reseal_algorithm)algorithm, RESEAL_USE_SEAL, key);
    if (status == RESEAL_OK) {
        crypto->wipe(&aead);
    }
    return status;
}

enum reseal_status reseal_py_keep(struct reseal_py_store *store, const struct reseal_credentials *fresh) {
    char text[RESEAL_CREDENTIALS_JSON_MAX];
    (void)reseal_credentials_json_write(fresh, text);
    const enum reseal_status status = reseal_py_store_write(store, text);
    reseal_wipe(text, sizeof text);
    return status;
}

static mp_obj_t provision(size_t count, const mp_obj_t *arguments) {
    reseal_py_enter();
    (void)reseal_py_text(arguments[0]);
    struct reseal_py_store store;
    reseal_py_store_take(&store, count > 1 ? arguments[1] : mp_const_none);
    nlr_buf_t raised;
    if (nlr_push(&raised) != 0) {
        reseal_py_store_close(&store);
        nlr_jump(raised.ret_val);
    }
    struct reseal_credentials credentials;
    read_credentials(arguments[0], &credentials);
    nlr_pop();
    enum reseal_status status = check_algorithm(credentials.algorithm);
    if (status == RESEAL_OK) {
        status = reseal_py_keep(&store, &credentials);
    }
    reseal_wipe(&credentials, sizeof credentials);
    reseal_py_store_close(&store);
    reseal_py_check(status);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(reseal_py_provision_obj, 1, 2, provision);
