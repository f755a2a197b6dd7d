#include "tools/tool_main.h"

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "tools/failure.h"

namespace reseal::tools {
namespace {

void prepare_process() {
    // A size limit would not do: the kernel ignores it when it pipes the dump to a program such as systemd-coredump.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {  // NOLINT(*-vararg)
        throw Failure("cannot forbid core dumps");
    }
    // A closed pipe or connection is an error of the write call.
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {  // NOLINT(performance-no-int-to-ptr): the macro of the C library
        throw Failure("cannot ignore SIGPIPE");
    }
}

int report(const char* name, const std::exception& error, int status) {
    (void)std::fprintf(stderr, "%s: %s\n", name, error.what());
    return status;
}

}  // namespace

int tool_main(const char* name, int argc, char** argv, const Tool& tool) noexcept {
    try {
        prepare_process();
        return tool({argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (const HelpRequested& help) {
        return std::fputs(help.what(), stdout) < 0 ? 1 : 0;
    } catch (const UsageError& error) {
        return report(name, error, 2);
    } catch (const std::exception& error) {
        return report(name, error, 1);
    }
}

}  // namespace reseal::tools
