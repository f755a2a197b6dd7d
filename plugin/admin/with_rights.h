// SPDX-License-Identifier: Apache-2.0
// Whose rights the program uses for a file when root runs it.
//
// A site belongs to two users. The folder, its authority and the devices' keys belong to whoever made it, mostly root.
// Registry, master key, state and audit trail belong to the broker's user. Root touches the files of each with no more
// than that user's rights. So nothing that the broker's user puts there leads root to a file that this user may not
// touch. Files named on the command line are the caller's. All this changes nothing for any user but root.
#pragma once

#include <string>

#include "base/fault.h"
#include "config/config.h"

namespace reseal::admin {

// Works from now on with the rights of the user who owns the site's folder. Call it before opening anything in it.
void work_as_owner_of(const std::string& folder);

// Works from now on with the rights of the broker's user, who owns the registry or, if it is missing, the state folder.
// Only if the site's folder is root's own: any other owner could name files of a third user.
void work_as_broker(const config::Config& config);

enum class Whose { caller, owner, broker };

// As long as it lives, the program works with these rights. May be nested.
class WithRights {
  public:
    explicit WithRights(Whose whose);
    ~WithRights();
    WithRights(const WithRights&) = delete;
    WithRights& operator=(const WithRights&) = delete;

  private:
    Whose before_;
};

// Gives a file that was made with the rights of the folder's owner to the broker's user, if that is another user.
Checked<Done> give_to_broker(const std::string& path);

// "as NAME, who owns PATH": whose rights the program works with. Empty if they are the caller's.
std::string whose_rights();

}  // namespace reseal::admin
