// SPDX-License-Identifier: Apache-2.0
#include "cli/find_vif.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "core/text/decimal.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "core/text/problem.hpp"
#include "edge/base/error.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

std::vector<unsigned> numbers_below(Store& store, const std::string& path) {
  std::vector<unsigned> numbers;
  for (const auto& name : store.children(path))
    if (const auto value = decimal(name)) numbers.push_back(*value);
  std::ranges::sort(numbers);
  return numbers;
}

std::string numbers_in_words(const std::vector<unsigned>& numbers) {
  std::vector<std::string> names;
  for (const unsigned number : numbers) names.push_back(std::to_string(number));
  return listed(names);
}

std::string domain_path(unsigned domid) {
  return "/local/domain/" + std::to_string(domid);
}

// What is there, for those who asked for what is not.
class Running {
 public:
  explicit Running(Store& store) {
    for (const unsigned domid : numbers_below(store, "/libxl"))
      if (!numbers_below(store, "/libxl/" + std::to_string(domid) + "/device/vif").empty())
        names_.emplace(domid, store.read(domain_path(domid) + "/name").value_or(""));
  }

  [[nodiscard]] std::string in_words() const {
    if (names_.empty()) return "no guest with a vif is running";
    std::string text;
    for (const auto& [domid, name] : names_)
      text += (text.empty() ? "" : ", ") + (name.empty() ? "domain" : name) + " (" +
              std::to_string(domid) + ")";
    return "the guests with a vif are " + text;
  }

  [[nodiscard]] std::string meant_by(const std::string& written) const {
    std::vector<std::string_view> known;
    for (const auto& [domid, name] : names_) known.emplace_back(name);
    const std::string near = nearest(written, known);
    return near.empty() ? "" : "; did you mean \"" + near + "\"?";
  }

 private:
  std::map<unsigned, std::string> names_;
};

struct VifArgument {
  std::string guest;
  std::optional<unsigned> devid;
};

VifArgument read_argument(const std::string& text) {
  const auto slash = text.rfind('/');
  VifArgument asked{text.substr(0, slash), std::nullopt};
  if (slash != std::string::npos) asked.devid = decimal(text.substr(slash + 1));
  if (asked.guest.empty() || (slash != std::string::npos && !asked.devid))
    throw Refusal(
        problem("invalid vif \"" + text + "\": expected GUEST or GUEST/DEVID, for example web/0",
                "xl list"));
  return asked;
}

// Where the toolstack lists a guest's vifs, each with its `backend`; or, for a driver domain, which
// may not see that, the backends themselves.
struct Listing {
  std::string folder;
  bool backends = false;
  std::vector<unsigned> devids = {};
};

Listing listing_of(Store& store, unsigned domid) {
  Listing listing{"/libxl/" + std::to_string(domid) + "/device/vif"};
  try {
    listing.devids = numbers_below(store, listing.folder);
  } catch (const Error& error) {
    if (error.code() != std::errc::permission_denied) throw;
    listing = {"backend/vif/" + std::to_string(domid), true};
    listing.devids = numbers_below(store, listing.folder);
  }
  return listing;
}

// One search, with what it learns on its way.
class Search {
 public:
  Search(Store& store, VifArgument asked) : store_(store), asked_(std::move(asked)) {}

  FoundVif run(const std::function<std::unique_ptr<GuestNames>()>& open_guests) {
    const unsigned domid = find_domain(open_guests);
    const Listing listing = listing_of(store_, domid);
    if (listing.devids.empty()) refuse_without_vif(domid, listing);
    const VifId vif{domid, choose(listing.devids)};
    const std::string place = listing.folder + "/" + std::to_string(vif.devid);
    if (listing.backends) return {vif, place, place, in_words(vif)};
    return {vif, backend_below(place, vif), place, in_words(vif)};
  }

 private:
  unsigned find_domain(const std::function<std::unique_ptr<GuestNames>()>& open_guests) {
    if (const auto domid = decimal(asked_.guest)) return *domid;
    // libxenlight waits without end for a xenstored that does not answer.
    static_cast<void>(store_.read("domid"));
    if (const auto domid = open_guests()->domid_of(asked_.guest)) return *domid;
    const Running running(store_);
    throw Refusal("no running guest \"" + asked_.guest + "\": " + running.in_words() +
                  running.meant_by(asked_.guest));
  }

  [[noreturn]] void refuse_without_vif(unsigned domid, const Listing& listing) {
    if (listing.backends)
      throw Refusal(problem(
          asked_.guest + " has no vif backend in this domain (" + listing.folder + " in xenstore)",
          "run vifchain vif in the domain that has it"));
    const bool runs = !store_.children(domain_path(domid)).empty();
    throw Refusal((runs ? asked_.guest + " has no vif (" : "no guest " + asked_.guest + " (") +
                  listing.folder + " in xenstore): " + Running(store_).in_words());
  }

  [[nodiscard]] unsigned choose(const std::vector<unsigned>& devids) const {
    const std::string has = numbers_in_words(devids);
    if (!asked_.devid && devids.size() > 1)
      throw Refusal(asked_.guest + " has the vifs " + has + ": expected one, for example " +
                    asked_.guest + "/" + std::to_string(devids.front()));
    const unsigned devid = asked_.devid.value_or(devids.front());
    if (std::ranges::find(devids, devid) == devids.end())
      throw Refusal(asked_.guest + " has no vif " + std::to_string(devid) + " (it has " + has +
                    ")");
    return devid;
  }

  std::string backend_below(const std::string& place, const VifId& vif) {
    const auto backend = store_.read(place + "/backend");
    if (!backend)
      throw Refusal(in_words(vif) + " has no backend in xenstore (" + place +
                    "/backend): it is being removed");
    refuse_foreign(*backend, vif);
    return *backend;
  }

  // "/local/domain/N/backend/vif/…". dom0 has a node that says who it is only since Xen 4.5, every
  // other domain has it.
  void refuse_foreign(const std::string& backend, const VifId& vif) {
    constexpr std::string_view start = "/local/domain/";
    const auto rest = backend.starts_with(start) ? backend.substr(start.size()) : backend;
    const auto owner = decimal(std::string_view(rest).substr(0, rest.find('/')));
    const unsigned own = decimal(store_.read("domid").value_or("0")).value_or(0);
    if (!owner)
      throw Refusal("invalid backend of " + in_words(vif) + " in xenstore: \"" + backend +
                    "\" is no backend directory");
    if (*owner == own) return;
    const auto name = store_.read(domain_path(*owner) + "/name").value_or("");
    throw Refusal(problem(
        "the backend of " + in_words(vif) + " is in domain " + std::to_string(*owner) +
            (name.empty() ? "" : " (" + name + ")") + ", not in this one",
        "there, run vifchain vif " + std::to_string(vif.domid) + "/" + std::to_string(vif.devid)));
  }

  [[nodiscard]] std::string in_words(const VifId& vif) const {
    return asked_.guest + "/" + std::to_string(vif.devid);
  }

  Store& store_;
  VifArgument asked_;
};

}  // namespace

FoundVif find_vif(Store& store, const std::function<std::unique_ptr<GuestNames>()>& open_guests,
                  const std::string& text) {
  return Search(store, read_argument(text)).run(open_guests);
}

}  // namespace vifchain::inline cli
