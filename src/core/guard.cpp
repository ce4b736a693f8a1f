#include "core/guard.hpp"

#include <algorithm>
#include <utility>

namespace vifchain {
namespace {

constexpr std::pair<Antispoof, std::string_view> modes[] = {
    {Antispoof::mac, "mac"}, {Antispoof::mac_ip, "mac-ip"}, {Antispoof::closed, "closed"}};

std::string_view word_of(Antispoof wanted) {
  for (const auto& [mode, word] : modes)
    if (mode == wanted) return word;
  return "off";
}

std::optional<Antispoof> mode_from(std::string_view wanted) {
  for (const auto& [mode, word] : modes)
    if (word == wanted) return mode;
  return std::nullopt;
}

// What stands before the next `separator`; both are taken off the text.
std::string_view take_word(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

}  // namespace

// A quoted name in nft's language knows no escapes, and an asterisk in it stands for any end.
std::string why_not_in_a_ruleset(const LinkName& name) {
  for (const char byte : name.str())
    if (byte <= ' ' || byte > '~' || byte == '"' || byte == '\\' || byte == '*')
      return name.str() +
             " is a name that no nftables rule can carry: letters, digits and most "
             "signs can be in it, but no quotes, backslashes or asterisks";
  return {};
}

std::string why_no_guard(const Guard& guard) {
  if (guard.mode == Antispoof::off) return "nothing is to be filtered";
  if (guard.mode != Antispoof::closed && !guard.mac.unicast())
    return guard.mac.str() + " is no MAC of one host";
  const auto why = why_not_in_a_ruleset(guard.port);
  return why.empty() ? why_not_in_a_ruleset(guard.bridge) : why;
}

std::string guard_text(const Guard& guard) {
  std::string text = guard.port.str() + " " + guard.bridge.str() + " " +
                     std::string(word_of(guard.mode)) + " " + guard.mac.str();
  char before = ' ';
  for (const auto& address : guard.addresses) {
    text += before + address.str();
    before = ',';
  }
  return text;
}

std::optional<Guard> read_guard(std::string_view line) {
  const auto port = LinkName::parse(take_word(line, ' '));
  const auto bridge = LinkName::parse(take_word(line, ' '));
  const auto mode = mode_from(take_word(line, ' '));
  const auto mac = Mac::parse(take_word(line, ' '));
  if (!port || !bridge || !mode || !mac) return std::nullopt;
  Guard guard{*port, *bridge, *mode, *mac, {}};
  while (!line.empty()) {
    const auto address = LinkAddress::parse(take_word(line, ','));
    if (!address) return std::nullopt;
    guard.addresses.push_back(*address);
  }
  return guard;
}

}  // namespace vifchain
