/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* sockets, which -std=c11 hides */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <reseal/setup_posix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool bind_to_loopback(int listener, uint16_t *port) {
    const int on = 1;
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(*port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 32) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        return false;
    }
    *port = ntohs(address.sin_port);
    return true;
}

int reseal_setup_posix_listen(uint16_t *port) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) {
        return -1;
    }
    if (fcntl(listener, F_SETFD, FD_CLOEXEC) != 0 || fcntl(listener, F_SETFL, O_NONBLOCK) != 0 ||
        !bind_to_loopback(listener, port)) {
        const int error = errno;
        close(listener);
        errno = error;
        return -1;
    }
    return listener;
}
