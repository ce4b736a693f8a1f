// The record of a change on disk: a JSON document with a format number of its own.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "core/plan/rollback_record.hpp"

namespace vifchain {

// Changes when what is written means something else; members that come besides do not count.
inline constexpr int way_back_format = 1;

std::string document_of(const WayBack& way);

// The record in a document, or why it cannot be read, and what to do about it, as half a sentence.
std::variant<WayBack, std::string> way_back_in(std::string_view document);

// The files as they were last applied, by path.
using AppliedFiles = std::map<std::string, FileState>;
std::string document_of(const AppliedFiles& files);
std::variant<AppliedFiles, std::string> applied_files_in(std::string_view document);

}  // namespace vifchain
