// SPDX-License-Identifier: Apache-2.0
#include "core/view/metrics.hpp"

#include <algorithm>

#include "core/model/daemon_counters.hpp"
#include "core/text/escape.hpp"

namespace vifchain::inline core::inline view {
namespace {

void add(std::string& text, const std::string& name, const char* type, const char* meaning,
         const std::string& value) {
  const std::string full = "vifchaind_" + name;
  text += "# HELP " + full + " " + meaning + "\n# TYPE " + full + " " + type + "\n" + full + value +
          "\n";
}

template <typename Number>
void add_gauge(std::string& text, const char* name, const char* meaning, Number value) {
  add(text, name, "gauge", meaning, " " + std::to_string(value));
}

constexpr std::pair<char, const char*> escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}};

}  // namespace

std::string metrics_text(const std::optional<DaemonReport>& report, std::int64_t now) {
  std::string text;
  add_gauge(text, "up", "Whether vifchaind answers.", report ? 1 : 0);
  if (!report) return text;
  add(text, "info", "gauge", "Its version.",
      "{version=\"" + escaped(report->version, escapes) + "\"} 1");
  add_gauge(text, "uptime_seconds", "Seconds since its start.",
            report->since > 0 ? std::max<std::int64_t>(now - report->since, 0) : 0);
  add_gauge(text, "vifs_connected", "Connected vifs of this domain's backends.", report->vifs);
  add_gauge(text, "waiting", "Vifs and links that wait for a retry.", report->waiting.size());
  add_gauge(text, "config_mistake", "Whether the file has errors, so that an older one is kept.",
            report->config_mistake.empty() ? 0 : 1);
  for (const auto& counter : daemon_counters)
    add(text, std::string(counter.name) + "_total", "counter", counter.meaning,
        " " + std::to_string(report->counters.*counter.value));
  return text;
}

}  // namespace vifchain::inline core::inline view
