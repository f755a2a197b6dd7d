/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* madvise and MAP_ANONYMOUS, which -std=c11 hides */

#include <reseal/posix.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

/* A page that a child finds zeroed after fork(2) or clone(2), whoever called it; null before the first call. */
static _Atomic(atomic_uint *) page;
/* The highest number given out, here or in a parent process. */
static atomic_uint last;

static atomic_uint *make_page(void) {
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) {
        return NULL;
    }
    atomic_uint *expected = NULL;
    if (madvise(made, size, MADV_WIPEONFORK) != 0 ||
        !atomic_compare_exchange_strong(&page, &expected, (atomic_uint *)made)) {
        (void)munmap(made, size);
        return expected;
    }
    return made;
}

uint32_t reseal_posix_process(void) {
    atomic_uint *number = atomic_load(&page);
    if (number == NULL) {
        number = make_page();
    }
    if (number == NULL) {
        return 0;
    }
    unsigned zeroed = 0;
    if (atomic_load(number) == 0) {
        const unsigned next = atomic_fetch_add(&last, 1) + 1;
        (void)atomic_compare_exchange_strong(number, &zeroed, next);
    }
    return atomic_load(number);
}

bool reseal_posix_is_process(uint32_t number) {
    const atomic_uint *now = atomic_load(&page);
    return number != 0 && now != NULL && atomic_load(now) == number;
}
