#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/ruleset.hpp"
#include "edge/error.hpp"
#include "edge/filter/filter.hpp"
#include "edge/filter/filter_records.hpp"
#include "edge/filter/nftables.hpp"

namespace vifchain {
namespace {

using Guards = std::vector<Guard>;

std::uint32_t random_stamp() {
  std::uint32_t stamp = 0;
  if (getrandom(&stamp, sizeof stamp, 0) != sizeof stamp)
    throw Error(errno, "getting a random number");
  return stamp;
}

bool is_of_this_version(const FilterRecords::Table& table) {
  return table.version == table_version(Unknown::dropped) ||
         table.version == table_version(Unknown::passed);
}

void must_be_possible(const std::string& key, const Guard& guard) {
  const auto doing = "filtering what " + guard.port.str() + " sends";
  if (const auto why = why_no_link_name(key); !why.empty())
    throw Error(EINVAL, doing, "the name \"" + key + "\" " + why);
  if (const auto why = why_no_guard(guard); !why.empty()) throw Error(EINVAL, doing, why);
}

bool any_on(const Guards& guards, const LinkName& bridge) {
  return std::ranges::any_of(guards, [&](const Guard& guard) { return guard.bridge == bridge; });
}
bool any_called(const Guards& guards, const LinkName& port) {
  return std::ranges::any_of(guards, [&](const Guard& guard) { return guard.port == port; });
}

class NftFilter final : public Filter {
 public:
  NftFilter(std::string folder, std::function<void()> on_interrupt)
      : folder_(std::move(folder)), on_interrupt_(std::move(on_interrupt)) {}

  bool present(const std::string& key) override { return has_record(folder_, key); }

  std::optional<Guard> put(const std::string& key, const Guard& guard) override {
    must_be_possible(key, guard);
    FilterRecords records(folder_, on_interrupt_);
    // A link that was called so before is gone, or has another name by now.
    if (const auto owner = records.owner_of(guard.port); owner && *owner != key)
      change(records, *owner, nullptr);
    const Guards before = change(records, key, &guard);
    return before.size() == 1 ? std::optional(before.front()) : std::nullopt;
  }

  void remove(const std::string& key) override {
    if (!present(key)) return;
    FilterRecords records(folder_, on_interrupt_);
    change(records, key, nullptr);
  }

  void drop_unused() override {
    if (!has_table(folder_)) return;
    FilterRecords records(folder_, on_interrupt_);
    if (!records.others_than({}).empty()) return;
    if (const auto why = nftables().run(no_table()); !why.empty())
      throw Error(EIO, "taking the filters' table away", "nftables says: " + why);
    records.forget_table();
  }

 private:
  // From whatever the key has to `guard`, or to nothing. Returns what it had.
  Guards change(FilterRecords& records, const std::string& key, const Guard* guard) {
    static_cast<void>(nftables());  // without it there is nothing to record
    const auto before = records.read(key);
    auto meanwhile = before.guards;
    if (guard != nullptr) meanwhile.push_back(*guard);
    if (guard != nullptr) records.write(key, meanwhile);
    try {
      const auto commands = way_from(records, key, before.guards, guard);
      if (!before.legible || !perform(records, commands)) make_anew(records, key, guard);
    } catch (const Error&) {
      records.forget_table();  // what the kernel did after all goes with the next change
      record(records, key, meanwhile, before.guards);
      throw;
    }
    record(records, key, meanwhile, guard == nullptr ? Guards{} : Guards{*guard});
    return before.guards;
  }

  // From now on the port has `now` and nothing else of what it had `meanwhile`.
  static void record(FilterRecords& records, const std::string& key, const Guards& meanwhile,
                     const Guards& now) {
    for (const Guard& past : meanwhile) {
      if (!any_on(now, past.bridge)) records.leave_bridge(key, past.bridge);
      if (!any_called(now, past.port) && records.owner_of(past.port) == key)
        records.forget_owner(past.port);
    }
    records.write(key, now);
  }

  static std::string way_from(FilterRecords& records, const std::string& key, const Guards& before,
                              const Guard* guard) {
    std::string commands;
    for (const Guard& old : before) {
      if (guard == nullptr || old != *guard) commands += take_out(old);
      const bool stays = guard != nullptr && guard->bridge == old.bridge;
      if (!stays && records.leave_bridge(key, old.bridge)) commands += release(old.bridge);
    }
    return guard == nullptr ? commands : commands + let_in(*guard);
  }

  // Fails where the table is not the one that the records are about, or does not fit them.
  bool perform(const FilterRecords& records, const std::string& commands) {
    const auto table = records.table();
    return table && is_of_this_version(*table) &&
           nftables().run(only_if_stamped(table->stamp) + commands).empty();
  }

  // A whole new table with the ports of all records, in one transaction: the first one, after an
  // update, and when somebody emptied or deleted it.
  void make_anew(FilterRecords& records, const std::string& key, const Guard* guard) {
    auto guards = records.others_than(key);
    if (guard != nullptr) guards.insert_or_assign(guard->port, *guard);
    std::string elements;
    for (const auto& [port, one] : guards) elements += let_in(one);
    std::string why;
    for (const auto unknown : {Unknown::dropped, Unknown::passed}) {
      const auto stamp = random_stamp();
      records.write_table({table_version(unknown), stamp});
      const auto refusal = nftables().run(fresh_table(unknown, stamp) + elements);
      if (refusal.empty()) return;
      if (why.empty() || unknown == Unknown::passed) why = refusal;
    }
    throw Error(EIO, "filtering what " + key + " sends", "nftables says: " + why);
  }

  Nftables& nftables() {
    if (!nftables_) nftables_ = std::make_unique<Nftables>();
    return *nftables_;
  }

  std::string folder_;
  std::function<void()> on_interrupt_;
  std::unique_ptr<Nftables> nftables_;
};

}  // namespace

std::unique_ptr<Filter> open_filter(std::string folder, std::function<void()> on_interrupt) {
  return std::make_unique<NftFilter>(std::move(folder), std::move(on_interrupt));
}

}  // namespace vifchain
