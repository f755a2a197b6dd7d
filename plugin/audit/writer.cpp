// SPDX-License-Identifier: Apache-2.0
#include "audit/writer.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "audit/scribe.h"
#include "base/quiet_thread.h"

namespace reseal::audit {

Writer::Writer(Trail trail, std::size_t capacity) : queue_(capacity) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    wake_ = Descriptor(ends[0]);
    Descriptor broker(ends[1]);
    // A signal that ends a service goes to all its processes. This one must live on, for the broker's last records.
    const SignalsBlocked blocked;
    process_ = ::fork();
    if (process_ < 0) {
        throw std::system_error(
            errno, std::generic_category(),
            "the process that writes the audit trail cannot start (allow one more process: TasksMax, ulimit -u)");
    }
    if (process_ == 0) {
        wake_ = Descriptor();  // otherwise it would wait for itself to end
        write(std::move(trail), std::move(broker));
    }
}

Writer::~Writer() {
    wake_ = Descriptor();
    while (!ended_ && ::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

// Runs in the new process. It must not undo anything of the broker's: no destructor, no exit() handler.
void Writer::write(Trail trail, Descriptor broker) {
    int status = EXIT_FAILURE;
    try {
        (void)::prctl(PR_SET_NAME, "reseal-audit");  // NOLINT(*-vararg)
        std::vector<int> kept = trail.descriptors();
        kept.push_back(broker.get());
        (void)own_descriptors(std::move(kept));
        Scribe(std::move(trail), queue_, std::move(broker)).run();
        status = EXIT_SUCCESS;
    } catch (...) {  // NOLINT(bugprone-empty-catch): the broker sees that it has ended
    }
    ::_exit(status);
}

void Writer::put(const Record& record) {
    queue_.put(record);
    (void)::send(wake_.get(), "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);  // if there is no room, enough bytes wait already
}

bool Writer::failing() {
    ended_ = ended_ || ::waitpid(process_, nullptr, WNOHANG) != 0;
    return ended_ || queue_.failing();
}

std::string Writer::fault() const {
    return ended_ ? "the process that writes it has ended; restart the broker" : queue_.fault();
}

}  // namespace reseal::audit
