// SPDX-License-Identifier: Apache-2.0
#include "tools/tool_main.h"

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <exception>

namespace reseal::tools {
namespace {

Checked<Done> prepare_process() {
    // A size limit would not do: the kernel ignores it when it pipes the dump to a program such as systemd-coredump.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {  // NOLINT(*-vararg)
        return Fault{.problem = "cannot forbid core dumps"};
    }
    // A closed pipe or connection is an error of the write call.
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {  // NOLINT(performance-no-int-to-ptr): the macro of the C library
        return Fault{.problem = "cannot ignore SIGPIPE"};
    }
    return Done{};
}

Checked<int> run(const Tool& tool, const std::vector<std::string>& arguments) {
    const auto prepared = prepare_process();
    return prepared ? tool(arguments) : prepared.error();
}

int report(const char* name, const Fault& fault) {
    if (fault.ending == Ending::help) {
        return std::fputs(fault.problem.c_str(), stdout) < 0 ? 1 : 0;
    }
    (void)std::fprintf(stderr, "%s: %s\n", name, fault.text().c_str());
    return static_cast<int>(fault.ending);
}

}  // namespace

int tool_main(const char* name, int argc, char** argv, const Tool& tool) noexcept {
    try {
        const auto status = run(tool, {argv + (argc > 0 ? 1 : 0), argv + argc});
        return status ? *status : report(name, status.error());
    } catch (const std::exception& error) {  // of a library, for example for lack of memory
        (void)std::fprintf(stderr, "%s: %s\n", name, error.what());
        return static_cast<int>(Ending::failed);
    }
}

}  // namespace reseal::tools
