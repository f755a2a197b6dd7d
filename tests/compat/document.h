// SPDX-License-Identifier: Apache-2.0
// docs/compatibility.md: one column per broker, each written by its own run.
#pragma once

#include <string>
#include <vector>

#include "compat/matrix.h"

namespace compat {

// The column of this broker, such as "2.1". Without patch numbers, so that a new release alone changes nothing.
std::string column(const std::string& version);

// The column's text for a row, such as "18 of 18" or "12 of 18, a".
std::string entry(const Row& row);

// `document` with the column replaced by these rows; the other columns stay as they are.
std::string with_column(const std::string& document, const std::string& column, const std::vector<Row>& rows);

}  // namespace compat
