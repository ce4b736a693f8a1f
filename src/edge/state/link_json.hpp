// SPDX-License-Identifier: Apache-2.0
// Links and what belongs to them as JSON that a person can read, and back.
#pragma once

#include <nlohmann/json.hpp>

#include "core/plan/rollback_record.hpp"

namespace vifchain::inline edge::inline state {

using Json = nlohmann::ordered_json;

// Thrown where JSON is none of what is looked for; what() says where.
class NotThat : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What is as it is in a new value is left out, so that a member that comes later is read from
// earlier JSON as well. Every member of a link is written: one that is forgotten in
// link_members.hpp does not compile.
Json json_of(const Link& link);
Link link_from(const Json& json);  // throws NotThat

// The same for a rollback, without a format number.
Json json_of(const RollbackRecord& way);
RollbackRecord rollback_record_from(const Json& json);  // throws NotThat

// And for a file alone.
Json json_of(const AppliedFile& file);
AppliedFile applied_file_from(const Json& json);  // throws NotThat

}  // namespace vifchain::inline edge::inline state
