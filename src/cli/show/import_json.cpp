// SPDX-License-Identifier: Apache-2.0
#include "cli/show/import_json.hpp"

#include <nlohmann/json.hpp>

#include "core/view/words.hpp"

namespace vifchain::inline cli {

nlohmann::json import_json(const Composed& composed) {
  nlohmann::json remarks = nlohmann::json::array();
  for (const auto& remark : composed.remarks)
    remarks.push_back({{"kind", remark.kind == Remark::Kind::trap ? "trap" : "lost"},
                       {"file", printable(remark.at.file)},
                       {"line", remark.at.line},
                       {"text", printable(remark.at.text)},
                       {"why", printable(remark.why)},
                       {"link", printable(remark.link)}});
  return {{"toml", composed.toml}, {"remarks", std::move(remarks)}};
}

}  // namespace vifchain::inline cli
