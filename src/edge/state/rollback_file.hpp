// SPDX-License-Identifier: Apache-2.0
// The record of a change on disk: a JSON document with a format number of its own.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "core/plan/rollback_record.hpp"

namespace vifchain::inline edge::inline state {

// Changes when what is written means something else; members that come besides do not count.
inline constexpr int rollback_format = 1;

std::string document_of(const RollbackRecord& way);

// The record in a document, or why it cannot be read, and what to do about it, as half a sentence.
std::variant<RollbackRecord, std::string> rollback_record_in(std::string_view document);

// The files as they were last applied, by path.
using AppliedFiles = std::map<std::string, FileState>;
std::string document_of(const AppliedFiles& files);
std::variant<AppliedFiles, std::string> applied_files_in(std::string_view document);

}  // namespace vifchain::inline edge::inline state
