// Why a tool cannot do what it was asked to, in one line for people.
#pragma once

#include <stdexcept>
#include <string>

namespace reseal::tools {

// The work failed: exit status 1.
class Failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The command line cannot be carried out: exit status 2.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// --help was given; what() is the text for stdout.
class HelpRequested : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace reseal::tools
