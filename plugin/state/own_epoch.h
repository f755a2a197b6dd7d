// SPDX-License-Identifier: Apache-2.0
// The replay file also holds records that are not the window of a key. Their key ids belong to nobody.
#pragma once

#include <string_view>

#include <reseal/envelope.h>

#include "base/key_id.h"

namespace reseal::state {

// The key id of the record for this epoch of `key`, under which this broker seals.
KeyId own_epoch_place(const KeyId& key, const reseal_epoch& epoch);

// Of the window of `key` in a realm other than this broker's own.
KeyId peer_place(const KeyId& key, std::string_view realm);

// Of the record for the message retained under `topic`.
KeyId retained_place(std::string_view topic);

// Of the record for the revocation lists of an authority; `issuer`: its name's DER bytes.
KeyId list_place(std::string_view issuer);

// Of the record for the messages of `key` that were let in but not yet delivered.
KeyId open_place(const KeyId& key);

}  // namespace reseal::state
