#include <reseal/bytes.h>
#include <string.h>

/* Called through a volatile pointer, so that the compiler cannot know that the memory is never read again. */
static void *(*const volatile set_memory)(void *, int, size_t) = memset;

void reseal_wipe(void *memory, size_t size) {
    if (size > 0) {
        set_memory(memory, 0, size);
    }
}

bool reseal_equal(const void *a, const void *b, size_t size) {
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    unsigned difference = 0;
    for (size_t i = 0; i < size; i++) {
        difference |= (unsigned)(left[i] ^ right[i]);
    }
    return difference == 0;
}
