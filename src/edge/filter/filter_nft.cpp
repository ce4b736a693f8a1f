// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/filter/port_filter.hpp"
#include "core/filter/port_filter_rules.hpp"
#include "edge/base/error.hpp"
#include "edge/filter/filter.hpp"
#include "edge/filter/filter_read.hpp"
#include "edge/filter/filter_records.hpp"
#include "edge/netlink/nftables.hpp"

namespace vifchain::inline edge::inline filter {
namespace {

using Elements = std::vector<FilterElement>;
using Filters = PortFilters;
using State = FilterReader::State;

constexpr int most_attempts = 4;

std::string doing(const LinkName& port, const PortFilter& filter) {
  return filter.mode == Antispoof::off ? "deleting the filter of " + port.str()
                                       : "filtering what " + port.str() + " sends";
}

void must_be_possible(const LinkName& port, const PortFilter& filter) {
  if (const auto why = why_no_filter(port, filter); !why.empty())
    throw Error(EINVAL, doing(port, filter), why);
}

std::string owner_of(const LinkName& port, const PortFilter& filter) {
  return filter.owner.value_or(port).str();
}

const LinkName* place_in(const PortFilter& filter) {
  const bool is_one = filter.mode != Antispoof::off && filter.bridge;
  return is_one ? &*filter.bridge : nullptr;
}

// Where any element of the port is to go, in one transaction.
std::string commands_for(const Elements& before, const Elements& after) {
  Elements gone, come;
  std::ranges::set_difference(before, after, std::back_inserter(gone));
  std::ranges::set_difference(after, before, std::back_inserter(come));
  std::string text;
  for (const auto& element : gone) text += delete_element(element);
  for (const auto& element : come) text += add_element(element);
  return text;
}

class NftFilter final : public Filter {
 public:
  NftFilter(std::string folder, std::function<void()> on_interrupt)
      : folder_(std::move(folder)), on_interrupt_(std::move(on_interrupt)) {}

  void asks(std::function<Filters()> desired) override { desired_ = std::move(desired); }

  bool present(const std::string& owner) override { return has_record(folder_, owner); }

  std::optional<FilterTable> read() override {
    try {
      return read_all();
    } catch (const Error& error) {
      if (error.code() != std::errc::operation_not_permitted) throw;
      return std::nullopt;
    }
  }

  std::optional<PortFilter> read(const LinkName& port, const PortFilter& expected) override {
    try {
      return read_one(port, expected);
    } catch (const Error& error) {
      if (error.code() != std::errc::operation_not_permitted) throw;
      return std::nullopt;
    }
  }

  std::vector<LinkName> ports_of(const Mac& mac) override {
    try {
      return reader_.ports_of(mac);
    } catch (const Error& error) {
      if (error.code() != std::errc::operation_not_permitted) throw;
      return {};
    }
  }

  bool whole() override { return reader_.state() == State::whole; }

  void put(const LinkName& port, const PortFilter& filter) override {
    must_be_possible(port, filter);
    const FilterRecords records(folder_, on_interrupt_);
    const auto before = records.read(owner_of(port, filter));
    // Whoever is killed in between leaves a record without a filter, never the other way round.
    if (filter.mode != Antispoof::off) note(records, port, filter);
    try {
      std::string refusal;
      for (int tried = 0; tried < most_attempts; ++tried)
        if (refusal = try_to_put(records, port, before, filter, tried > 0); refusal.empty())
          return note(records, port, filter);
      throw Error(EIO, doing(port, filter), "nftables says: " + refusal);
    } catch (...) {
      records.write(owner_of(port, filter), before);
      throw;
    }
  }

  void remove(const std::string& owner) override {
    if (!present(owner) && reader_.state() == State::missing) return;
    Filters past;
    {
      const FilterRecords records(folder_, on_interrupt_);
      past = records.read(owner);
      if (past.empty()) past = of_owner(owner);
    }
    for (const auto& [port, filter] : past)
      if (is_of(port, owner)) put(port, {.owner = LinkName::parse(owner)});
    FilterRecords(folder_, on_interrupt_).write(owner, {});
  }

  void make_anew() override {
    const FilterRecords records(folder_, on_interrupt_);
    if (const auto refusal = write_all(records, {}); !refusal.empty())
      throw Error(EIO, "recreating the filters of all ports", "nftables says: " + refusal);
  }

  void drop_unused() override {
    if (!has_table(folder_)) return;
    const FilterRecords records(folder_, on_interrupt_);
    if (!read_all().ports.empty()) return;
    if (const auto why = nftables().run(no_table()); !why.empty())
      throw Error(EIO, "deleting the table of filters", "nftables says: " + why);
    records.note_table(false);
  }

 private:
  // --- reading

  FilterTable read_all() {
    const State state = reader_.state();
    FilterTable table{.there = state != State::missing, .whole = state != State::changed};
    if (!table.there) return table;
    const auto guarded = reader_.guarded();
    for (auto& [port, elements] : reader_.all()) {
      PortFilter filter = filter_of(port, std::move(elements));
      const bool open = filter.bridge && !guarded.contains(*filter.bridge);
      filter.spoilt |= !table.whole || open;
      table.ports.emplace(port, std::move(filter));
    }
    return table;
  }

  // Filters of which every element is there, whatever became of the rules.
  Filters put_in_whole() {
    Filters ports;
    for (auto& [port, elements] : reader_.all())
      if (auto filter = filter_of(port, std::move(elements));
          !filter.spoilt && why_no_filter(port, filter).empty())
        ports.emplace(port, std::move(filter));
    return ports;
  }

  PortFilter read_one(const LinkName& port, const PortFilter& expected) {
    const State state = reader_.state();
    if (state == State::missing) return PortFilter{};
    const auto mode = reader_.mode_of(port);
    if (!mode && state == State::whole) return PortFilter{};
    if (state == State::whole) {
      if (has_exactly(port, *mode, expected)) return expected;
      if (const auto noted = noted_filter(port, expected); has_exactly(port, *mode, noted))
        return noted;
    }
    const auto table = read_all();
    const auto found = table.ports.find(port);
    return found == table.ports.end() ? PortFilter{} : found->second;
  }

  // As it was written down of the owner that is expected.
  PortFilter noted_filter(const LinkName& port, const PortFilter& expected) {
    const auto past = FilterRecords(folder_, on_interrupt_).read(owner_of(port, expected));
    const auto found = past.find(port);
    return found == past.end() ? PortFilter{} : found->second;
  }

  // The map of modes tells which filter it is, and the other sets whether all of it is there.
  bool has_exactly(const LinkName& port, const FilterElement& mode, const PortFilter& filter) {
    const auto elements = elements_of(port, filter);
    return std::ranges::find(elements, mode) != elements.end() && reader_.are_there(elements) &&
           (place_in(filter) == nullptr || reader_.is_guarded(*filter.bridge));
  }

  // A link of the same name may be another's by now. In a table that somebody changed it is made
  // anew with those of others.
  bool is_of(const LinkName& port, const std::string& owner) {
    if (reader_.state() != State::whole) {
      const auto ports = read_all().ports;
      const auto found = ports.find(port);
      return found == ports.end() || !found->second.owner || found->second.owner->str() == owner;
    }
    const auto place = reader_.place_of(port);
    return place && place->comment.starts_with(owner + " ");
  }

  Filters of_owner(const std::string& owner) {
    Filters found;
    for (const auto& [port, filter] : read_all().ports)
      if (filter.owner && filter.owner->str() == owner) found.emplace(port, filter);
    return found;
  }

  // What the kernel has of the port: as written down where that is so, or else after looking at
  // all elements of all ports.
  Elements present_elements(const LinkName& port, const Filters& past, const PortFilter& filter) {
    const auto mode = reader_.mode_of(port);
    const auto found = past.find(port);
    if (!mode && found == past.end() && !reader_.place_of(port)) return {};
    if (mode && has_exactly(port, *mode, filter)) return elements_of(port, filter);
    if (mode && found != past.end() && has_exactly(port, *mode, found->second))
      return elements_of(port, found->second);
    return all_elements(port);
  }

  Elements all_elements(const LinkName& port) {
    auto all = reader_.all();
    auto& elements = all[port];
    std::ranges::sort(elements);
    return std::move(elements);
  }

  // --- writing

  // Empty when it is so. Where all that is wanted seems to be there, or it was refused before,
  // there may be more than what was written down.
  std::string try_to_put(const FilterRecords& records, const LinkName& port, const Filters& past,
                         const PortFilter& filter, bool again) {
    if (reader_.state() != State::whole)
      return filter.mode == Antispoof::off ? write_without(records, port)
                                           : write_all(records, {{port, filter}});
    auto commands = way_between(port, present_elements(port, past, filter), filter);
    if (again || commands.empty()) commands = way_between(port, all_elements(port), filter);
    return commands.empty() ? "" : nftables().run(commands);
  }

  std::string way_between(const LinkName& port, const Elements& before, const PortFilter& filter) {
    const auto after = elements_of(port, filter);
    const PortFilter was = filter_of(port, before);
    std::string text;
    if (const auto* bridge = place_in(filter);
        bridge != nullptr && (was.bridge != *bridge || !reader_.is_guarded(*bridge)))
      text += guard_bridge(*bridge);
    text += commands_for(before, after);
    // The last one: the set of guarded bridges speaks of no chain.
    if (was.bridge && (place_in(filter) == nullptr || *place_in(filter) != *was.bridge) &&
        reader_.uses_of(bridge_chain(*was.bridge)) == 1)
      text += release_bridge(*was.bridge);
    return text;
  }

  // What the kernel has of a port, as far as that goes, was put in by whoever was at it last, and
  // knew better what is wanted of it. Empty when it is so.
  std::string write_all(const FilterRecords& records, const Filters& wanted) {
    Filters ports = desired_ ? desired_() : Filters{};
    for (auto& [port, filter] : put_in_whole()) ports.insert_or_assign(port, std::move(filter));
    for (const auto& [port, filter] : wanted) ports.insert_or_assign(port, filter);
    const auto known = known_with(records, ports);
    if (known.empty() && reader_.state() == State::missing) return {};
    for (const auto& [port, filter] : ports) note(records, port, filter);
    const auto refusal = write_table(records, known);
    return refusal.empty() ? seal() : refusal;
  }

  // Who goes asks nobody what others want: the table has no seal then, and whoever needs it next
  // makes it anew.
  std::string write_without(const FilterRecords& records, const LinkName& port) {
    const auto known = known_with(records, {{port, PortFilter{}}});
    const bool none = known.empty() && reader_.state() == State::missing;
    return none ? "" : write_table(records, known);
  }

  // What can be told of all others: as the kernel has it, or where that has nothing or not all of
  // it, as it was written down.
  Filters known_with(const FilterRecords& records, const Filters& wanted) {
    Filters all = records.all();
    for (auto& [name, one] : read_all().ports) {
      const bool sound = !one.spoilt;
      one.spoilt = false;
      if (sound || !all.contains(name)) all.insert_or_assign(name, std::move(one));
    }
    for (const auto& [port, filter] : wanted) all.insert_or_assign(port, filter);
    std::erase_if(all, [](const auto& entry) {
      return entry.second.mode == Antispoof::off ||
             !why_no_filter(entry.first, entry.second).empty();
    });
    return all;
  }

  // Empty when it is there. A kernel that cannot tell bridges apart refuses the first.
  std::string write_table(const FilterRecords& records, const Filters& ports) {
    std::set<LinkName> bridges;
    std::string elements, why;
    for (const auto& [port, filter] : ports) {
      if (const auto* bridge = place_in(filter)) bridges.insert(*bridge);
      for (const auto& element : elements_of(port, filter)) elements += add_element(element);
    }
    std::string guards;
    for (const auto& bridge : bridges) guards += guard_bridge(bridge);
    for (const auto unknown : {Unknown::dropped, Unknown::passed}) {
      const auto refusal = nftables().run(fresh_table(unknown) + guards + elements);
      if (why.empty() || unknown == Unknown::passed) why = refusal;
      if (refusal.empty()) break;
    }
    if (why.empty()) records.note_table(true);
    return why;
  }

  std::string seal() {
    const auto now = reader_.fingerprint();
    return now ? nftables().run(add_chain(seal_chain(*now)))
               : "the table was deleted by another program";
  }

  // One owner has mostly one port, and two while its link is renamed.
  static void note(const FilterRecords& records, const LinkName& port, const PortFilter& filter) {
    const auto owner = owner_of(port, filter);
    auto all = records.read(owner);
    all.erase(port);
    if (filter.mode != Antispoof::off) all.emplace(port, filter);
    records.write(owner, all);
  }

  Nftables& nftables() {
    if (!nftables_) nftables_ = std::make_unique<Nftables>();
    return *nftables_;
  }

  std::string folder_;
  std::function<void()> on_interrupt_;
  std::function<Filters()> desired_;
  FilterReader reader_;
  std::unique_ptr<Nftables> nftables_;
};

}  // namespace

std::map<LinkName, PortFilter> FilterTable::left_over(const Actual& links) const {
  Filters over;
  for (const auto& [port, filter] : ports)
    if (!links.contains(port)) over.emplace(port, filter);
  return over;
}

std::unique_ptr<Filter> open_filter(std::string folder, std::function<void()> on_interrupt) {
  return std::make_unique<NftFilter>(std::move(folder), std::move(on_interrupt));
}

}  // namespace vifchain::inline edge::inline filter
