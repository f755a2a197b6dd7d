/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* sockets, which -std=c11 hides */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <reseal/setup_posix.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 8, TICK_MS = 100 };

struct connection {
    int socket; /* -1: none */
    uint64_t opened;
    bool answering; /* the answer's parts from `part` on, the first without `offset` bytes, are still to be written */
    struct reseal_setup_answer answer;
    unsigned part;
    size_t offset;
};

struct server {
    struct reseal_setup *setup;
    struct connection connections[CONNECTIONS];
    uint64_t last_tick;
};

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void end_connection(struct server *server, struct connection *connection) {
    if (connection->socket >= 0) {
        close(connection->socket);
        reseal_setup_end(server->setup, connection);
    }
    *connection = (struct connection){.socket = -1};
}

static void begin_answer(struct connection *connection, const struct reseal_setup_answer *answer) {
    connection->answering = true;
    connection->answer = *answer;
    connection->part = 0;
    connection->offset = 0;
}

/* Writes as much as there is room for. When all is written, the client sees the end and closes its side. */
static void write_answer(struct server *server, struct connection *connection) {
    while (connection->part < 3) {
        const struct reseal_bytes part = connection->answer.parts[connection->part];
        if (connection->offset == part.size) {
            connection->part++;
            connection->offset = 0;
            continue;
        }
        const ssize_t sent =
            send(connection->socket, part.data + connection->offset, part.size - connection->offset, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                end_connection(server, connection);
            }
            return;
        }
        connection->offset += (size_t)sent;
    }
    connection->answering = false;
    shutdown(connection->socket, SHUT_WR);
}

/* Bytes after the answer are read too: closing with unread bytes would reset the connection and lose the answer. */
static void read_request(struct server *server, struct connection *connection) {
    uint8_t bytes[1024];
    const ssize_t got = recv(connection->socket, bytes, sizeof bytes, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        end_connection(server, connection);
    }
    if (got <= 0) {
        return;
    }
    struct reseal_setup_answer answer;
    const bool is_new = connection->answer.parts[0].data == NULL;
    if (is_new && reseal_setup_feed(server->setup, connection, (struct reseal_bytes){bytes, (size_t)got}, &answer) ==
                      RESEAL_SETUP_ANSWER) {
        begin_answer(connection, &answer);
    }
    reseal_wipe(bytes, sizeof bytes);
}

/* A free place, or that of the oldest connection not being served. One exists, as at most one is being served. */
static struct connection *find_place(struct server *server) {
    const void *const client = reseal_setup_client(server->setup);
    struct connection *oldest = NULL;
    for (struct connection *one = server->connections; one < server->connections + CONNECTIONS; one++) {
        if (one->socket < 0) {
            return one;
        }
        if (one != client && (oldest == NULL || one->opened < oldest->opened)) {
            oldest = one;
        }
    }
    return oldest;
}

static void accept_connection(struct server *server, int listener) {
    const int accepted = accept(listener, NULL, NULL);
    if (accepted < 0) {
        return;
    }
    struct connection *place = find_place(server);
    if (fcntl(accepted, F_SETFD, FD_CLOEXEC) != 0 || fcntl(accepted, F_SETFL, O_NONBLOCK) != 0) {
        close(accepted);
        return;
    }
    end_connection(server, place);
    place->socket = accepted;
    place->opened = now_ms();
}

static void tick_client(struct server *server, uint32_t milliseconds) {
    struct reseal_setup_answer answer;
    struct connection *client = NULL;
    const enum reseal_setup_verdict verdict = reseal_setup_elapsed(server->setup, milliseconds, &answer);
    for (struct connection *one = server->connections; one < server->connections + CONNECTIONS; one++) {
        client = one == reseal_setup_client(server->setup) ? one : client;
    }
    if (client != NULL && verdict == RESEAL_SETUP_ANSWER) {
        begin_answer(client, &answer);
    } else if (client != NULL && verdict == RESEAL_SETUP_DROP) {
        end_connection(server, client);
    }
}

/* Every other connection, silent or told to wait, must end within the time of one request. */
static void tick(struct server *server) {
    const uint64_t now = now_ms();
    const uint64_t milliseconds = now - server->last_tick;
    server->last_tick = now;
    tick_client(server, milliseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)milliseconds);
    for (struct connection *one = server->connections; one < server->connections + CONNECTIONS; one++) {
        const bool is_client = one == reseal_setup_client(server->setup);
        if (one->socket >= 0 && !is_client && now - one->opened >= RESEAL_SETUP_CLIENT_MS) {
            end_connection(server, one);
        }
    }
}

/* Waits for the next event. False if poll failed. */
static bool wait_for_events(const struct server *server, int listener, int stop, struct pollfd *events) {
    for (int i = 0; i < CONNECTIONS; i++) {
        const short wanted = server->connections[i].answering ? POLLOUT : POLLIN;
        events[i] = (struct pollfd){.fd = server->connections[i].socket, .events = wanted};
    }
    events[CONNECTIONS] = (struct pollfd){.fd = listener, .events = POLLIN};
    events[CONNECTIONS + 1] = (struct pollfd){.fd = stop, .events = POLLIN};
    if (poll(events, CONNECTIONS + 2, TICK_MS) < 0) {
        if (errno != EINTR) {
            return false;
        }
        for (int i = 0; i < CONNECTIONS + 2; i++) {
            events[i].revents = 0;
        }
    }
    return true;
}

static void handle_events(struct server *server, int listener, const struct pollfd *events) {
    for (int i = 0; i < CONNECTIONS; i++) {
        struct connection *connection = &server->connections[i];
        if ((events[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            read_request(server, connection);
        }
        if (connection->answering) {
            write_answer(server, connection);
        }
    }
    if ((events[CONNECTIONS].revents & POLLIN) != 0) {
        accept_connection(server, listener);
    }
}

static enum reseal_setup_posix_end run(struct server *server, int listener, int stop) {
    struct pollfd events[CONNECTIONS + 2];
    for (;;) {
        const bool is_told = reseal_setup_client(server->setup) == NULL;
        if (is_told && reseal_setup_state_of(server->setup) == RESEAL_SETUP_TAKEN) {
            return RESEAL_SETUP_POSIX_TAKEN;
        }
        if (!wait_for_events(server, listener, stop, events)) {
            return RESEAL_SETUP_POSIX_FAILED;
        }
        if (events[CONNECTIONS + 1].revents != 0) {
            return RESEAL_SETUP_POSIX_STOPPED;
        }
        handle_events(server, listener, events);
        tick(server);
    }
}

enum reseal_setup_posix_end reseal_setup_posix_serve(struct reseal_setup *setup, int listener, int stop) {
    struct server server = {.setup = setup, .last_tick = now_ms()};
    for (int i = 0; i < CONNECTIONS; i++) {
        server.connections[i].socket = -1;
    }
    const enum reseal_setup_posix_end end = run(&server, listener, stop);
    const int error = errno;
    for (int i = 0; i < CONNECTIONS; i++) {
        end_connection(&server, &server.connections[i]);
    }
    errno = error;
    return end;
}
