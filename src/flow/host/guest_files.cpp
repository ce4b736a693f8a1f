// SPDX-License-Identifier: Apache-2.0
#include "flow/host/guest_files.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "core/guests/libvirt_guest.hpp"
#include "core/guests/xl_guest.hpp"
#include "edge/base/bounded_file.hpp"
#include "edge/base/error.hpp"
#include "edge/host/xen_host.hpp"
#include "edge/parse/xl_config.hpp"
#include "edge/parse/xml.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = std::size_t{4} << 20;
// One that has more is no guest's.
constexpr std::size_t most_vifs_of_guest = 1000, most_vifs = 4096;

// The files of a folder by name, those that the shell's * would give.
std::vector<fs::path> files_in(const char* folder, const std::string& extension) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (!entry.is_directory(ignored) && !entry.path().filename().string().starts_with('.') &&
        (extension.empty() || entry.path().extension() == extension))
      files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

bool is_xml(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

class Reading {
 public:
  Reading(const XenRelease& xen, const GuestPlaces& places) : xen_(xen), places_(places) {}

  ReadGuests run(const std::vector<std::string>& files) {
    for (const auto& file : files)
      if (const auto text = text_of(file))
        is_xml(*text) ? read_libvirt(file, *text) : read_xl(file, *text);
    return std::move(result_);
  }

 private:
  std::optional<std::string> text_of(const std::string& file) {
    try {
      return read_bounded_file(file, most_bytes);
    } catch (const Error& error) {
      say(file, 0, {Weight::obstacle, error.what()});
      return std::nullopt;
    }
  }

  void say(const std::string& file, unsigned line, GuestRemark remark) {
    result_.files.push_back({file, line, std::move(remark)});
  }

  void take(const GuestConfig& guest, const VifDefaults& defaults) {
    ++result_.guests;
    for (const auto& [line, remark] : guest.remarks) say(guest.file, line, remark);
    auto vifs = wanted_vifs(guest, defaults);
    if (vifs.size() > most_vifs_of_guest)
      return say(guest.file, 0, too_many(vifs.size(), " vifs in one guest", most_vifs_of_guest));
    if (result_.vifs.size() + vifs.size() > most_vifs)
      return say(guest.file, 0,
                 too_many(result_.vifs.size() + vifs.size(), " vifs so far", most_vifs));
    for (auto& vif : vifs) result_.vifs.push_back(std::move(vif));
  }

  static GuestRemark too_many(std::size_t count, const std::string& of_what, std::size_t most) {
    return {Weight::obstacle,
            std::to_string(count) + of_what + ": at most " + std::to_string(most) + " are checked"};
  }

  XlReader& xl() {
    if (xl_ == nullptr) xl_ = open_xl_reader();
    return *xl_;
  }

  void read_xl(const std::string& file, const std::string& text) {
    auto& reader = xl();
    const auto defaults = xl_defaults();
    const auto read = reader.read(text, guest_keys);
    if (const auto* mistakes = std::get_if<std::vector<XlMistake>>(&read)) {
      for (const auto& [line, words] : *mistakes)
        say(file, line,
            {Weight::obstacle, words + "; xl refuses the file, and the guest does not start"});
      return;
    }
    take(read_xl_guest(file, std::get<XlSettings>(read), xen_), defaults);
  }

  const VifDefaults& xl_defaults() {
    if (!defaults_) defaults_ = read_defaults();
    return *defaults_;
  }

  VifDefaults read_defaults() {
    try {
      const auto read = xl().read(read_bounded_file(places_.xl_conf, most_bytes), xl_conf_keys);
      if (const auto* settings = std::get_if<XlSettings>(&read))
        return read_xl_conf_defaults(*settings);
      for (const auto& [line, words] : std::get<std::vector<XlMistake>>(read))
        say(places_.xl_conf, line,
            {Weight::obstacle, words + "; xl starts no guest with this file"});
    } catch (const Error& error) {
      if (error.code() != std::errc::no_such_file_or_directory)
        say(places_.xl_conf, 0, {Weight::warning, error.what()});
    }
    return {};
  }

  void read_libvirt(const std::string& file, const std::string& text) {
    const auto read = parse_xml(text);
    if (const auto* mistake = std::get_if<XmlMistake>(&read))
      return say(file, mistake->line, {Weight::obstacle, "invalid XML: " + mistake->text});
    const auto& domain = std::get<XmlElement>(read);
    for (const auto& network : networks_of(domain)) learn_network(network);
    take(read_libvirt_guest(file, domain, networks_), {});
  }

  // A name is a file's here, and nothing else.
  void learn_network(const std::string& name) {
    const std::string file = places_.networks + "/" + name + ".xml";
    std::error_code ignored;
    if (networks_.contains(name) || name.find('/') != std::string::npos ||
        !fs::exists(file, ignored))
      return;
    const auto text = text_of(file);
    if (!text) return;
    const auto read = parse_xml(*text);
    if (const auto* mistake = std::get_if<XmlMistake>(&read))
      say(file, mistake->line, {Weight::obstacle, mistake->text});
    else
      networks_.emplace(name, bridge_of_network(std::get<XmlElement>(read)));
  }

  const XenRelease& xen_;
  const GuestPlaces& places_;
  std::unique_ptr<XlReader> xl_;
  std::optional<VifDefaults> defaults_;
  NetworkBridges networks_;
  ReadGuests result_;
};

}  // namespace

std::vector<std::string> all_guest_files() {
  std::vector<std::string> files;
  std::set<fs::path> known;
  const auto add = [&](const std::vector<fs::path>& found) {
    std::error_code ignored;
    for (const auto& file : found)
      if (known.insert(fs::weakly_canonical(file, ignored)).second) files.push_back(file.string());
  };
  add(files_in("/etc/xen", ".cfg"));
  add(files_in("/etc/xen/auto", ""));
  add(files_in("/etc/libvirt/libxl", ".xml"));
  return files;
}

ReadGuests read_guest_files(const std::vector<std::string>& files, const XenRelease& xen,
                            const GuestPlaces& places) {
  return Reading(xen, places).run(files);
}

XenRelease xen_release(const std::string& asked) {
  if (asked.empty()) return running_xen().value_or(release_of_libraries());
  if (const auto release = XenRelease::parse(asked)) return *release;
  throw Refusal("invalid --xen \"" + asked + "\": expected a release of Xen, for example 4.19");
}

}  // namespace vifchain::inline flow::inline host
