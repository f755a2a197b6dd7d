// With whose rights the program touches a file when root runs it.
//
// A site belongs to two users: the folder, its authority and the devices' keys to whoever made it, mostly root;
// registry, master key, state and audit trail to the broker's user. Root touches the files of each with no more than
// that user's rights, so that what the broker's user puts there leads root to no file that this user may not touch.
// Files that are named on the command line are the caller's. For everybody but root nothing of this changes anything.
#pragma once

#include <string>

#include "base/fault.h"
#include "config/config.h"

namespace reseal::admin {

// From now on with the rights of the user to whom the site's folder belongs. Before anything in it is opened.
void work_as_owner_of(const std::string& folder);

// From now on with the rights of the broker's user: to whom the registry belongs or, if it is missing, the state
// folder. Only where the site's folder is root's own: anybody else's could name files of a third user.
void work_as_broker(const config::Config& config);

enum class Whose { caller, owner, broker };

// For as long as it lives: with the rights of the caller, or of the owner of the site's folder. One may stand in
// another.
class WithRights {
  public:
    explicit WithRights(Whose whose);
    ~WithRights();
    WithRights(const WithRights&) = delete;
    WithRights& operator=(const WithRights&) = delete;

  private:
    Whose before_;
};

// Gives a file that was made with the rights of the folder's owner to the broker's user, if that is another one.
Checked<Done> give_to_broker(const std::string& path);

// "as NAME, to whom PATH belongs": whose rights it works with, if they are not the caller's; else empty.
std::string whose_rights();

}  // namespace reseal::admin
