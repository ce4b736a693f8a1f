// A xenstore in memory that keeps the real one's manners, and fails where it is told to.
#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "edge/error.hpp"
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

  void remove(const std::string& path) override {
    begin("removing", path);
    const std::string node = whole(path);
    std::erase_if(values_, [&](const auto& entry) {
      return entry.first == node || entry.first.starts_with(node + "/");
    });
  }

 private:
  [[nodiscard]] std::string whole(const std::string& path) const {
    return path.starts_with("/") ? path : home_ + "/" + path;
  }

  void begin(const std::string& doing, const std::string& path) {
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
  std::string forbidden_;
  int calls_left_ = 0;
};

}  // namespace vifchain
