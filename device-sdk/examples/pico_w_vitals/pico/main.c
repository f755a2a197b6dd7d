#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>
#include <reseal/pico.h>
static struct reseal_device device;
static const struct reseal_credentials cred = {.principal = "x", .algorithm = 30};
int main(void) {
    cyw43_arch_init();
    struct reseal_port port = reseal_pico_port();
    reseal_device_open(&device, &cred, &port);
    struct reseal_message m;
    reseal_device_seal(&device, "a", (struct reseal_bytes){0}, &m);
    for (;;) {
        cyw43_arch_gpio_put(CYW43_WL_GPIO_LED_PIN, 1);
        sleep_ms(100);
    }
}
