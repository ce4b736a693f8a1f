// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION  // a line says who speaks, not which line of ours
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "core/model/vif_event.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline plugin {
namespace {

bool may_be_in_a_name(char c) {
  return c == '.' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_';
}

// Whom an About that lives is about.
std::optional<VifId> current;

// The first vif that the text names by one of the kernel's usual names.
std::optional<VifId> vif_in(std::string_view text) {
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = at;
    while (end < text.size() && may_be_in_a_name(text[end])) ++end;
    auto word = text.substr(at, end - at);
    while (word.ends_with('.')) word.remove_suffix(1);
    if (const auto vif = vif_of_port_name(word)) return vif;
  }
  return std::nullopt;
}

}  // namespace

About::About(std::string_view words) {
  current = vif_in(words);
}

About::~About() {
  current.reset();
}

// The socket of journald's own protocol, where sd_journal_sendv(3) sends to.
bool journal_listens() {
  return ::access("/run/systemd/journal/socket", W_OK) == 0;
}

bool tell_journal(Level level, std::string_view text) {
  std::vector<std::string> fields{
      "MESSAGE=" + printable(text), "PRIORITY=" + std::to_string(static_cast<int>(level)),
      "SYSLOG_FACILITY=" + std::to_string(LOG_FAC(LOG_DAEMON)), "SYSLOG_IDENTIFIER=vifchaind"};
  const auto named = vif_in(text);
  if (const auto vif = named ? named : current) {
    fields.push_back("VIFCHAIN_VIF=" + vif->str());
    fields.push_back("VIFCHAIN_DOMAIN=" + std::to_string(vif->domid));
  }
  std::vector<iovec> parts;
  for (auto& field : fields) parts.push_back({.iov_base = field.data(), .iov_len = field.size()});
  return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

}  // namespace vifchain::inline plugin
