// SPDX-License-Identifier: Apache-2.0
// A xenstore in memory that keeps the real one's manners, and fails where it is told to.
#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "edge/base/error.hpp"
#include "edge/store/store.hpp"

namespace vifchain {

class FakeStore final : public Store {
 public:
  // home: what relative paths are relative to, the home of the domain that asks.
  explicit FakeStore(std::string home = "/local/domain/0") : home_(std::move(home)) {}

  // The call number n from now on, the first being 1, throws Error(EIO) and does nothing.
  // "For every n" ends at the first n for which a run does not throw.
  void fail_at(int n) { calls_left_ = n; }

  // This node may not be written from now on, nor made: Error(EACCES).
  void forbid(std::string path) { forbidden_ = std::move(path); }

  // This node goes, with all that is below it, as the next write_within() begins.
  void lose_at_next_write(std::string path) { lost_ = std::move(path); }

  // Nor may this one be read, nor anything below it.
  void forbid_reading(std::string path) { unreadable_ = std::move(path); }

  [[nodiscard]] int calls() const { return calls_; }

  // Every node that has been written, in that order, under its whole path.
  [[nodiscard]] const std::vector<StoreNode>& written() const { return written_; }

  std::vector<std::string> children(const std::string& path) override {
    begin("listing", path);
    const std::string below = whole(path) == "/" ? "/" : whole(path) + "/";
    std::vector<std::string> names;
    for (auto it = values_.lower_bound(below); it != values_.end() && it->first.starts_with(below);
         ++it)
      if (it->first.find('/', below.size()) == std::string::npos)
        names.push_back(it->first.substr(below.size()));
    return names;
  }

  std::optional<std::string> read(const std::string& path) override {
    begin("reading", path);
    if (!unreadable_.empty() && whole(path).starts_with(unreadable_ + "/"))
      throw Error(EACCES, "reading " + path + " in xenstore");
    const auto found = values_.find(whole(path));
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

  void write(const std::string& path, const std::string& value) override {
    begin("writing", path);
    if (path == forbidden_) throw Error(EACCES, "writing " + path + " in xenstore");
    put(path, value);
  }

  void write_together(std::span<const StoreNode> nodes) override {
    if (nodes.empty()) return;
    begin("writing", nodes.front().path);
    for (const StoreNode& node : nodes) put(node.path, node.value);
  }

  bool write_within(const std::string& folder, std::span<const StoreNode> nodes) override {
    begin("writing", folder);
    if (!lost_.empty()) erase(whole(std::exchange(lost_, {})));
    if (!values_.contains(whole(folder))) return false;
    std::vector<StoreNode> there;
    for (const StoreNode& node : nodes) {
      if (!values_.contains(folder_of(whole(node.path)))) continue;
      if (node.path == forbidden_) throw Error(EACCES, "writing " + node.path + " in xenstore");
      there.push_back(node);
    }
    for (const StoreNode& node : there) put(node.path, node.value);
    return true;
  }

  void remove(const std::string& path) override {
    begin("removing", path);
    erase(whole(path));
  }

  bool remove_if_empty(const std::string& path) override {
    begin("removing", path);
    if (path == forbidden_) throw Error(EACCES, "removing " + path + " in xenstore");
    const std::string below = whole(path) + "/";
    const auto next = values_.lower_bound(below);
    if (next != values_.end() && next->first.starts_with(below)) return false;
    erase(whole(path));
    return true;
  }

  // From now on no call is answered, or every one again.
  void fall_silent(bool silent) { silent_ = silent; }
  [[nodiscard]] bool is_silent() const override { return was_silent_; }

 private:
  void erase(const std::string& node) {
    std::erase_if(values_, [&](const auto& entry) {
      return entry.first == node || entry.first.starts_with(node + "/");
    });
  }

  static std::string folder_of(const std::string& node) { return node.substr(0, node.rfind('/')); }

  [[nodiscard]] std::string whole(const std::string& path) const {
    return path.starts_with("/") ? path : home_ + "/" + path;
  }

  void begin(const std::string& doing, const std::string& path) {
    ++calls_;
    was_silent_ = silent_;
    if (silent_)
      throw Error(ETIMEDOUT, doing + " " + path + " in xenstore",
                  "this store was told to be silent");
    if (calls_left_ > 0 && --calls_left_ == 0)
      throw Error(EIO, doing + " " + path + " in xenstore", "this call was told to fail");
  }

  void put(const std::string& path, const std::string& value) {
    const std::string node = whole(path);
    for (auto at = node.find('/', 1); at != std::string::npos; at = node.find('/', at + 1))
      values_.try_emplace(node.substr(0, at));
    values_[node] = value;
    written_.push_back({node, value});
  }

  std::string home_;
  std::map<std::string, std::string> values_;
  std::vector<StoreNode> written_;
  std::string forbidden_, unreadable_, lost_;
  int calls_left_ = 0;
  int calls_ = 0;
  bool silent_ = false, was_silent_ = false;
};

}  // namespace vifchain
