// SPDX-License-Identifier: Apache-2.0
#include "cli/show/vifs_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/show/json_text.hpp"
#include "cli/show/show_findings.hpp"
#include "core/view/words.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned version = 1;
constexpr const char *question_key = "vifchain-vifs", *answer_key = "vifchain-answer";
constexpr std::size_t most_vifs = 4096;

std::string written(const Json& json) {
  return json_text(json, -1) + "\n";
}

// A document of this version with that key. Throws what the library throws.
Json document(std::string_view text, const char* key) {
  Json json = Json::parse(text);
  if (json.at(key).get<unsigned>() != version)
    throw Refusal("expected version " + std::to_string(version) + ", found another");
  return json;
}

Json vif_json(const WantedVif& vif) {
  Json json{{"guest", vif.guest}, {"vif", vif.number}, {"nodes", vif.nodes}};
  if (!vif.file.empty()) json["file"] = vif.file;
  if (vif.line != 0) json["line"] = vif.line;
  if (!vif.backend.empty()) json["backend"] = vif.backend;
  if (vif.devid) json["devid"] = *vif.devid;
  if (vif.by_libvirt) json["libvirt"] = true;
  if (vif.bridge_lost) json["bridge-lost"] = true;
  if (vif.vlans_lost) json["vlans-lost"] = true;
  return json;
}

WantedVif read_vif(const Json& json) {
  WantedVif vif{.guest = json.at("guest").get<std::string>(),
                .file = json.value("file", std::string()),
                .line = json.value("line", 0U),
                .number = json.at("vif").get<unsigned>()};
  vif.nodes = json.at("nodes").get<std::map<std::string, std::string>>();
  vif.backend = json.value("backend", std::string());
  vif.by_libvirt = json.value("libvirt", false);
  vif.bridge_lost = json.value("bridge-lost", false);
  vif.vlans_lost = json.value("vlans-lost", false);
  if (json.contains("devid")) vif.devid = json.at("devid").get<std::int64_t>();
  return vif;
}

std::optional<Weight> weight_in(const std::string& word) {
  for (const auto weight : {Weight::note, Weight::warning, Weight::obstacle})
    if (weight_word(weight) == word) return weight;
  return std::nullopt;
}

VifsAnswer read_right_answer(const Json& json, std::size_t vifs) {
  VifsAnswer answer{.config = printable(json.at("config").get<std::string>()), .checked = {}};
  for (const auto& bridge : json.at("bridges"))
    answer.checked.bridges.push_back(printable(bridge.get<std::string>()));
  if (answer.checked.bridges.size() != vifs) throw Refusal("about other vifs");
  for (const auto& finding : json.at("findings")) {
    const auto vif = finding.at("vif").get<std::size_t>();
    const auto weight = weight_in(finding.at("weight").get<std::string>());
    if (vif >= vifs || !weight) throw Refusal("about other vifs");
    answer.checked.findings.push_back(
        {vif, *weight, printable(finding.at("text").get<std::string>())});
  }
  return answer;
}

}  // namespace

std::string question_about(const std::vector<WantedVif>& vifs) {
  Json list = Json::array();
  for (const auto& vif : vifs) list.push_back(vif_json(vif));
  return written({{question_key, version}, {"vifs", std::move(list)}});
}

std::vector<WantedVif> read_question(std::string_view text) {
  try {
    const Json json = document(text, question_key);
    const auto& list = json.at("vifs");
    if (!list.is_array() || list.size() > most_vifs)
      throw Refusal("expected a list of at most " + std::to_string(most_vifs) + " vifs");
    std::vector<WantedVif> vifs;
    for (const auto& vif : list) vifs.push_back(read_vif(vif));
    return vifs;
  } catch (const std::exception& error) {
    throw Refusal("invalid question on standard input (vifchain check --on sends it): " +
                  printable(error.what()));
  }
}

std::string answer_text(const VifsAnswer& answer) {
  Json findings = Json::array();
  for (const auto& [vif, weight, text] : answer.checked.findings)
    findings.push_back({{"vif", vif}, {"weight", weight_word(weight)}, {"text", text}});
  return written({{answer_key, version},
                  {"config", answer.config},
                  {"bridges", answer.checked.bridges},
                  {"findings", std::move(findings)}});
}

std::optional<VifsAnswer> read_answer(std::string_view text, std::size_t vifs) {
  try {
    return read_right_answer(document(text, answer_key), vifs);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace vifchain::inline cli
