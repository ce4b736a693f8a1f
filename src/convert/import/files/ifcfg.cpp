// SPDX-License-Identifier: Apache-2.0
// Red Hat's network scripts: which of the files are for which link, and their routes.
#include <algorithm>
#include <map>

#include "convert/import/files/ifcfg_files.hpp"
#include "convert/import/readers.hpp"
#include "convert/import/script/command_parts.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {
namespace {

// What follows "ifcfg-"; empty for another file.
std::string_view after(std::string_view prefix, std::string_view path) {
  const auto name = last_part(path);
  return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
}

// The network scripts pass over what editors and rpm leave behind (ifup-eth, network-functions).
bool is_left_over(std::string_view path) {
  return path.ends_with('~') || is_one_of(path.substr(std::min(path.rfind('.'), path.size())),
                                          ".bak .orig .rpmnew .rpmorig .rpmsave .old");
}

// Of a shell variable's name at the beginning.
std::size_t size_of_name(std::string_view text) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return std::min(text.find_first_not_of(letters), text.size());
}

// The name, where "=" follows it.
std::size_t size_of_key(std::string_view line) {
  const auto size = size_of_name(line);
  return line.substr(size).starts_with('=') ? size : 0;
}

constexpr std::size_t longest_value = 4096;  // values may be made of values

using Variables = std::map<std::string, std::string, std::less<>>;

// The word that a shell makes of the text, as far as it needs to run nothing.
struct ShellValue {
  std::string text;
  bool whole = true;  // nothing but a comment follows, and nothing would have to be run
};

class ShellWord {
 public:
  ShellWord(std::string_view text, const Variables& variables)
      : rest_(text), variables_(variables) {}

  ShellValue read() && {
    while (!rest_.empty() && !ends()) take();
    const auto after = trimmed(rest_);
    const bool nothing = after.empty() || after.starts_with('#') || after == ";";
    if (quote_ != 0 || !nothing) value_.whole = false;
    return std::move(value_);
  }

 private:
  [[nodiscard]] bool ends() const {
    return quote_ == 0 && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == ';');
  }

  void take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (c == quote_)
      quote_ = 0;
    else if (quote_ == 0 && (c == '"' || c == '\''))
      quote_ = c;
    else if (quote_ != '\'' && c == '$')
      expand();
    else if (quote_ != '\'' && c == '`')
      value_.whole = false;
    else if (quote_ != '\'' && c == '\\' && !rest_.empty())
      take_literally();
    else
      value_.text += c;
  }

  void take_literally() {
    value_.text += rest_[0];
    rest_.remove_prefix(1);
  }

  // $NAME or ${NAME} that the file has said before.
  void expand() {
    const bool braced = rest_.starts_with('{');
    if (braced) rest_.remove_prefix(1);
    const auto name = rest_.substr(0, size_of_name(rest_));
    rest_.remove_prefix(name.size());
    const bool closed = !braced || rest_.starts_with('}');
    if (braced && closed) rest_.remove_prefix(1);
    const auto known = variables_.find(name);
    const bool said = known != variables_.end() && closed;
    if (said && value_.text.size() + known->second.size() <= longest_value)
      value_.text += known->second;
    else
      value_.whole = false;
  }

  std::string_view rest_;
  const Variables& variables_;
  ShellValue value_;
  char quote_ = 0;
};

// route-eth0 as arguments of ip, or as ADDRESS0, NETMASK0 and GATEWAY0.
void tell_routes(const SourceFile& file, std::string_view link, bool v6, Telling& telling) {
  const bool numbered = file.text.find("ADDRESS0") != file.text.npos;
  if (numbered) {
    const auto lines = read_assignments(file, telling.draft);
    const Ifcfg all{std::string(link), {file.name}, lines};
    for (const auto& line : lines) {
      if (!line.key.starts_with("ADDRESS")) continue;
      const auto number = line.key.substr(7);
      telling.draft.add_route(telling.draft.link(link, line.at), line.value,
                              all.value("NETMASK" + number), all.value("GATEWAY" + number),
                              all.value("METRIC" + number), line.at);
    }
    return;
  }
  for (const auto& [number, text] : logical_lines(file.text)) {
    ScriptCommand command{{"ip", "route", "add"}, {}, said_in(file.name, number, text)};
    if (v6) command.words.insert(command.words.begin() + 1, "-6");
    for (auto& word : words_of(text)) command.words.push_back(std::move(word));
    if (std::ranges::find(command.words, "dev") == command.words.end()) {
      command.words.emplace_back("dev");
      command.words.emplace_back(link);
    }
    tell(command, telling);
  }
}

class IfcfgReader {
 public:
  explicit IfcfgReader(DraftConfig& draft) : draft_(draft), telling_{draft} {}

  void read(const std::vector<SourceFile>& files) {
    for (const auto& file : files) open(file);
    for (const auto& file : links_) tell_ifcfg_kind(file, draft_);
    for (const auto& file : links_) tell_ifcfg(file, gateway_link_, draft_);
    for (const auto& [file, link, v6] : routes_) tell_routes(*file, link, v6, telling_);
    tell_gateways();
  }

 private:
  struct Routes {
    const SourceFile* file;
    std::string link;
    bool v6;
  };

  void open(const SourceFile& file) {
    if (is_left_over(file.name)) return;
    const auto link = after("ifcfg-", file.name);
    const auto route = after("route-", file.name), route6 = after("route6-", file.name);
    if (!link.empty()) return open_link(file, link);
    if (!route.empty()) return routes_.push_back({&file, std::string(route), false});
    if (!route6.empty()) return routes_.push_back({&file, std::string(route6), true});
    if (last_part(file.name) == "network") return open_global(file);
    if (last_part(file.name).starts_with("rule"))
      return draft_.lose({file.name}, "policy rules are no part of a vifchain.toml: ip-rule(8)");
    draft_.lose({file.name}, "is none of ifcfg-LINK, route-LINK and route6-LINK");
  }

  void open_link(const SourceFile& file, std::string_view suffix) {
    Ifcfg link{std::string(suffix), {file.name}, read_assignments(file, draft_)};
    if (const auto device = link.value("DEVICE"); !device.empty()) link.name = device;
    if (link.name != "lo") links_.push_back(std::move(link));
  }

  // /etc/sysconfig/network
  void open_global(const SourceFile& file) {
    for (auto& line : read_assignments(file, draft_)) {
      if (is_one_of(line.key, "GATEWAYDEV IPV6_DEFAULTDEV")) {
        gateway_link_ = line.value;
      } else if (is_one_of(line.key, "GATEWAY IPV6_DEFAULTGW")) {
        gateways_.push_back(std::move(line));
      } else if (!is_one_of(line.key, "NETWORKING NETWORKING_IPV6")) {
        draft_.lose(line.at, "a setting of the host's that vifchain has no part in");
      }
    }
  }

  // By the link that leads to them.
  void tell_gateways() {
    for (const auto& gateway : gateways_) {
      auto* link = gateway_link_.empty() ? link_towards(gateway.value, draft_)
                                         : &draft_.link(gateway_link_, gateway.at);
      if (link == nullptr)
        draft_.lose(gateway.at, "no link has an address in the network of this gateway");
      else
        draft_.add_gateway(*link, gateway.value, gateway.at);
    }
  }

  DraftConfig& draft_;
  Telling telling_;
  std::vector<Ifcfg> links_;
  std::vector<Routes> routes_;
  std::vector<Assignment> gateways_;
  std::string gateway_link_;
};

}  // namespace

const Assignment* Ifcfg::find(std::string_view key) const {
  const Assignment* found = nullptr;
  for (const auto& line : lines)
    if (line.key == key) found = &line;
  return found;
}

std::string Ifcfg::value(std::string_view key) const {
  const auto* line = find(key);
  return line == nullptr ? std::string() : line->value;
}

bool Ifcfg::is_yes(std::string_view key) const {
  return vifchain::is_yes(value(key));
}

bool is_yes(std::string_view word) {
  return is_one_of(word, "yes Yes YES true True TRUE on 1 y");
}

std::vector<Assignment> read_assignments(const SourceFile& file, DraftConfig& draft) {
  std::vector<Assignment> lines;
  Variables variables;
  for (const auto& [number, text] : logical_lines(file.text)) {
    std::string_view line = text;
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    const Said at = said_in(file.name, number, text);
    const auto key = size_of_key(line);
    if (key == 0) {
      draft.lose(at, "is no KEY=VALUE");
      continue;
    }
    auto value = ShellWord(line.substr(key + 1), variables).read();
    const std::string name(line.substr(0, key));
    variables.insert_or_assign(name, value.text);
    if (value.whole)
      lines.push_back({name, std::move(value.text), at});
    else
      draft.lose(at, "only a shell could tell the value: write it as it is on this host");
  }
  return lines;
}

void read_ifcfg(const std::vector<SourceFile>& files, DraftConfig& draft) {
  IfcfgReader(draft).read(files);
}

}  // namespace vifchain::inline convert
