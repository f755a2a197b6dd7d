/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before the broker's libraries. Shifts its wall clock by the seconds in the file that RESEAL_TEST_CLOCK names:
 * an int64_t that a test writes while the broker runs. All other clocks are right.
 *
 * libfaketime would do the same, but its first call looks up functions and allocates memory. That happens while
 * AddressSanitizer starts, so a broker with both never starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* wrong_by; /* null: it is right */

__attribute__((constructor)) static void map_offset(void) {
    const char* path = getenv("RESEAL_TEST_CLOCK");
    const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        void* mapped = mmap(NULL, sizeof *wrong_by, PROT_READ, MAP_SHARED, file, 0);
        wrong_by = mapped == MAP_FAILED ? NULL : mapped;
        close(file);
    }
}

int clock_gettime(clockid_t clock, struct timespec* out) {
    const int result = (int)syscall(SYS_clock_gettime, clock, out);
    if (result == 0 && wrong_by != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        out->tv_sec += *wrong_by;
    }
    return result;
}

time_t time(time_t* out) {
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
    (void)zone;
    struct timespec now = {0, 0};
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return result;
}
