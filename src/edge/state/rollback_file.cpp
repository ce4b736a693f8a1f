// SPDX-License-Identifier: Apache-2.0
#include "edge/state/rollback_file.hpp"

#include "edge/state/link_json.hpp"

namespace vifchain::inline edge::inline state {
namespace {

Json document_in(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("format") || !json["format"].is_number_integer())
    throw NotThat("found no such document in it");
  if (json["format"] != rollback_format)
    throw NotThat("found format " + json["format"].dump() + ", and this version reads format " +
                  std::to_string(rollback_format) + " alone");
  return json;
}

std::string written(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string document_of(const RollbackRecord& way) {
  Json json{{"format", rollback_format}};
  json.update(json_of(way));
  return written(json);
}

std::variant<RollbackRecord, std::string> rollback_record_in(std::string_view document) {
  try {
    return rollback_record_from(document_in(document));
  } catch (const NotThat& error) {
    return std::string(error.what());
  }
}

std::string document_of(const AppliedFiles& files) {
  Json list = Json::array();
  for (const auto& [path, state] : files) list.push_back(json_of(AppliedFile{path, state, {}}));
  return written({{"format", rollback_format}, {"files", list}});
}

std::variant<AppliedFiles, std::string> applied_files_in(std::string_view document) {
  try {
    AppliedFiles files;
    const Json json = document_in(document);
    for (const auto& each : json.contains("files") ? json["files"] : Json::array()) {
      auto file = applied_file_from(each);
      files.insert_or_assign(std::move(file.path), std::move(file.then));
    }
    return files;
  } catch (const NotThat& error) {
    return std::string(error.what());
  }
}

}  // namespace vifchain::inline edge::inline state
