/* Settings that were compiled in, for a board that has none in its flash. */
#ifndef PICO_BUILT_IN_H
#define PICO_BUILT_IN_H

#include <reseal/settings.h>

/* False, and `out` zeroed, if the firmware was built without VITALS_DEVICE. */
bool built_in_settings(struct reseal_settings *out);

#endif
