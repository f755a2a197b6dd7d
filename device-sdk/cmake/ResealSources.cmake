# SPDX-License-Identifier: Apache-2.0
# Which files each part of the SDK is compiled from. It defines no target, so build systems other than plain CMake use it
# too: ESP-IDF, Zephyr, the Pico SDK.
get_filename_component(reseal_folder ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)

# reseal_sources(PART FOLDER FILES...): sets reseal_PART_sources, with whole paths.
macro(reseal_sources part folder)
  set(reseal_${part}_sources ${ARGN})
  list(TRANSFORM reseal_${part}_sources PREPEND ${reseal_folder}/${folder}/)
endmacro()

reseal_sources(core core
  ack.c algorithm.c bytes.c cbor.c connect.c device.c envelope.c key.c psk.c receiver.c rekey.c replay.c seal_batch.c
  sender.c sender_position.c status.c)
reseal_sources(crypto_openssl crypto openssl.c)
reseal_sources(crypto_host crypto/host openssl_only.c)
reseal_sources(crypto_mbedtls crypto mbedtls.c)
reseal_sources(crypto_psa crypto psa.c)
reseal_sources(flash ports/flash epochs.c log.c record.c settings.c windows.c)
reseal_sources(link link line.c link.c mqtt.c reason.c slots.c topics.c)
reseal_sources(link_lwip link/lwip driver.c tls.c tls_session.c)
reseal_sources(link_mosquitto link/mosquitto driver.c)
reseal_sources(pico ports/pico flash.c flash_access.c mbedtls_time.c port.c)
reseal_sources(pico_mqtt ports/pico mqtt.c)
reseal_sources(posix ports/posix epochs.c file.c process.c random.c record.c windows.c)
reseal_sources(settings setup settings.c settings_form.c utf8.c)
reseal_sources(setup setup exchange.c http.c page_tail.c pairing.c refusal.c setup.c shown.c)
reseal_sources(setup_posix setup/posix listen.c serve.c)
