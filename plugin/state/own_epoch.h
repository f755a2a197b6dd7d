// Where the replay file keeps which epochs the broker seals under itself: as records of key ids that nobody has.
#pragma once

#include <reseal/envelope.h>

#include "keyring/types.h"

namespace reseal::state {

// The key id of the record for this epoch of `key`.
keyring::KeyId own_epoch_place(const keyring::KeyId& key, const reseal_epoch& epoch);

}  // namespace reseal::state
