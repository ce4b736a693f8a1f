// SPDX-License-Identifier: Apache-2.0
#include "cli/show/show_guest_findings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/show/json_text.hpp"
#include "cli/show/show_findings.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline cli {
namespace {

using Json = nlohmann::ordered_json;

// More of a vif's text than this is no help.
constexpr std::size_t longest_text = 120;

std::string file_in_words(const std::string& file, unsigned line) {
  return file + (line == 0 ? "" : ":" + std::to_string(line));
}

std::string shortened(const std::string& text) {
  return text.size() <= longest_text ? text : text.substr(0, longest_text) + "...";
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::size_t count(const GuestsShown& shown, Weight weight) {
  const auto of_files = std::ranges::count_if(
      shown.read.files, [&](const FileFinding& each) { return each.remark.weight == weight; });
  return static_cast<std::size_t>(
      of_files + std::ranges::count(shown.checked.findings, weight, &GuestFinding::weight));
}

Json vif_json(const WantedVif& vif) {
  Json json = Json::object();
  if (!vif.file.empty()) json["file"] = vif.file;
  if (vif.line != 0) json["line"] = vif.line;
  json["guest"] = vif.guest;
  json["vif"] = vif.number;
  return json;
}

Json vifs_json(const GuestsShown& shown) {
  Json list = Json::array();
  for (std::size_t i = 0; i < shown.read.vifs.size(); ++i) {
    Json vif = vif_json(shown.read.vifs[i]);
    vif["text"] = shown.read.vifs[i].text;
    if (!shown.checked.bridges[i].empty()) vif["bridge"] = shown.checked.bridges[i];
    vif["nodes"] = shown.read.vifs[i].nodes;
    list.push_back(std::move(vif));
  }
  return list;
}

Json all_findings_json(const GuestsShown& shown) {
  Json list = Json::array();
  for (const auto& [file, line, remark] : shown.read.files) {
    Json finding{{"file", file}};
    if (line != 0) finding["line"] = line;
    finding["weight"] = weight_word(remark.weight);
    finding["text"] = remark.text;
    list.push_back(std::move(finding));
  }
  for (const auto& [vif, weight, text] : shown.checked.findings) {
    Json finding = vif_json(shown.read.vifs[vif]);
    finding["weight"] = weight_word(weight);
    finding["text"] = text;
    list.push_back(std::move(finding));
  }
  return list;
}

}  // namespace

std::string place_in_words(const WantedVif& vif) {
  const std::string number = "vif " + std::to_string(vif.number);
  if (vif.file.empty()) return vif.guest + ", " + number;
  return file_in_words(vif.file, vif.line) + ": " + number + " (" + shortened(vif.text) + ")";
}

std::string guest_findings_text(const GuestsShown& shown, bool colour) {
  std::string text;
  for (const auto& [file, line, remark] : shown.read.files) {
    const bool named = remark.text.find(file) != std::string::npos;
    text +=
        finding_lines(remark.weight,
                      named ? remark.text : file_in_words(file, line) + ": " + remark.text, colour);
  }
  const GuestFinding* last = nullptr;
  for (const auto& finding : shown.checked.findings) {
    if (last == nullptr || last->vif != finding.vif)
      text += printable(place_in_words(shown.read.vifs[finding.vif])) + "\n";
    text += finding_lines(finding.weight, finding.text, colour, "  ");
    last = &finding;
  }
  return text;
}

std::string guest_summary(const GuestsShown& shown) {
  const std::string what =
      count_of(shown.read.vifs.size(), "vif") + " of " + count_of(shown.read.guests, "guest");
  const auto obstacles = count(shown, Weight::obstacle), warnings = count(shown, Weight::warning);
  if (obstacles == 0 && warnings == 0) return what + ": no problems found.\n";
  std::string found = obstacles == 0 ? "" : count_of(obstacles, "error");
  if (warnings != 0) found += (found.empty() ? "" : ", ") + count_of(warnings, "warning");
  return what + ": " + found + ".\n";
}

std::string guest_findings_json(const GuestsShown& shown, const std::string& config,
                                const XenRelease& xen) {
  const Json json{{"config", config},
                  {"xen", xen.str()},
                  {"vifs", vifs_json(shown)},
                  {"findings", all_findings_json(shown)}};
  return json_text(json, 2) + "\n";
}

bool has_obstacle(const GuestsShown& shown) {
  return count(shown, Weight::obstacle) != 0;
}

}  // namespace vifchain::inline cli
