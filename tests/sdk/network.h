/* SPDX-License-Identifier: Apache-2.0 */
/* For examples/pico_link. */
#define WIFI_NAME "ward"
#define WIFI_PASSWORD "a password"
#define BROKER "broker.example"
#define PORT 1884
