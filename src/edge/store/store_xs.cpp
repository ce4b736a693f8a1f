// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

extern "C" {
#include <xen/io/xs_wire.h>
}

#include "edge/base/error.hpp"
#include "edge/process/deadline.hpp"
#include "edge/store/store.hpp"
#include "edge/store/store_wire.hpp"

namespace vifchain::inline edge::inline store {
namespace {

// Enough for any burst of neighbours: a lost race costs some 0.1 ms, and the winner has moved on.
constexpr int most_tries = 1000;

using Transaction = std::uint32_t;
constexpr Transaction none = 0;

// "…\0", as most questions have it.
std::string terminated(const std::string& text) {
  return text + '\0';
}

int number_of_error(const std::string& body) {
  for (const auto& known : xsd_errors)
    if (body == terminated(known.errstring)) return known.errnum;
  return EINVAL;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

class XsStore final : public Store {
 public:
  explicit XsStore(StorePatience patience) : patience_(std::move(patience)) {}

  std::vector<std::string> children(const std::string& path) override;
  std::optional<std::string> read(const std::string& path) override;
  void write(const std::string& path, const std::string& value) override;
  void write_together(std::span<const StoreNode> nodes) override;
  bool write_within(const std::string& folder, std::span<const StoreNode> nodes) override;
  void remove(const std::string& path) override;
  bool remove_if_empty(const std::string& path) override;
  [[nodiscard]] bool is_silent() const override { return silent_; }

 private:
  // What a question was answered with: an errno where xenstored refused.
  struct Reply {
    int error = 0;
    std::string body = {};
  };

  Reply ask(std::uint32_t type, Transaction transaction, const std::string& body,
            const std::string& doing);
  Reply exchange(const WireMessage& question, const WireWait& wait);
  [[noreturn]] void give_up(const WireFailure& failure, const std::string& doing);
  std::string must(Reply reply, const std::string& doing, Transaction transaction = none);

  std::vector<std::string> children_within(Transaction transaction, const std::string& path);
  std::vector<std::string> children_in_parts(Transaction transaction, const std::string& path);
  bool exists(Transaction transaction, const std::string& path);
  void write_in(Transaction transaction, const StoreNode& node);
  template <typename Work>
  bool in_transaction(const std::string& about, const Work& work);
  bool committed(Transaction transaction, const std::string& about);

  StorePatience patience_;
  std::optional<StoreWire> wire_;
  bool silent_ = false;
};

std::string in_xenstore(const char* doing, const std::string& path) {
  return std::string(doing) + " " + path + " in xenstore";
}

XsStore::Reply XsStore::ask(std::uint32_t type, Transaction transaction, const std::string& body,
                            const std::string& doing) {
  const WireWait wait{
      std::chrono::steady_clock::now() + (silent_ ? patience_.again : patience_.answer),
      patience_.on_interrupt};
  try {
    if (!wire_) wire_.emplace(wait);
  } catch (const WireFailure& failure) {
    give_up(failure, "cannot connect to xenstored");
  }
  try {
    return exchange({type, transaction, body}, wait);
  } catch (const WireFailure& failure) {
    give_up(failure, doing);
  } catch (...) {
    wire_.reset();  // its answer may come yet
    throw;
  }
}

XsStore::Reply XsStore::exchange(const WireMessage& question, const WireWait& wait) {
  wire_->send(question, wait);
  WireMessage answer = wire_->receive(wait);
  silent_ = false;
  if (answer.type == XS_ERROR) return {number_of_error(answer.body)};
  if (answer.type != question.type)
    throw WireFailure{EBADF, "xenstored hung up or broke the protocol"};
  return {0, std::move(answer.body)};
}

void XsStore::give_up(const WireFailure& failure, const std::string& doing) {
  wire_.reset();
  if (failure.error != ETIMEDOUT) throw Error(failure.error, doing, failure.words);
  const auto waited = std::exchange(silent_, true) ? patience_.again : patience_.answer;
  throw Error(ETIMEDOUT, doing, "xenstored has not answered for " + duration_text(waited));
}

// Where it is refused within a transaction the connection is ended, and the transaction with it.
std::string XsStore::must(Reply reply, const std::string& doing, Transaction transaction) {
  if (reply.error == 0) return std::move(reply.body);
  if (transaction != none) wire_.reset();
  throw Error(reply.error, doing);
}

std::vector<std::string> XsStore::children(const std::string& path) {
  return children_within(none, path);
}

std::vector<std::string> XsStore::children_within(Transaction transaction,
                                                  const std::string& path) {
  Reply reply = ask(XS_DIRECTORY, transaction, terminated(path), in_xenstore("listing", path));
  if (reply.error == ENOENT) return {};
  if (reply.error == E2BIG) return children_in_parts(transaction, path);
  return strings_in(must(std::move(reply), in_xenstore("listing", path), transaction));
}

// More names than fit into one answer: each part begins with the generation of the folder, and the
// last one ends with an empty name (docs/misc/xenstore.txt, "DIRECTORY_PART").
std::vector<std::string> XsStore::children_in_parts(Transaction transaction,
                                                    const std::string& path) {
  std::string names, generation;
  for (;;) {
    const std::string question = terminated(path) + terminated(std::to_string(names.size()));
    const std::string doing = in_xenstore("listing", path);
    const std::string part =
        must(ask(XS_DIRECTORY_PART, transaction, question, doing), doing, transaction);
    const auto start = part.find('\0') + 1;
    if (!names.empty() && part.substr(0, start) != generation) {
      names.clear();  // it has changed meanwhile
      continue;
    }
    generation = part.substr(0, start);
    names += part.substr(start);
    if (names.size() <= 1 || names[names.size() - 2] == '\0') break;
  }
  names.resize(names.empty() ? 0 : names.size() - 1);
  return strings_in(names);
}

std::optional<std::string> XsStore::read(const std::string& path) {
  Reply reply = ask(XS_READ, none, terminated(path), in_xenstore("reading", path));
  if (reply.error == ENOENT) return std::nullopt;
  return must(std::move(reply), in_xenstore("reading", path));
}

bool XsStore::exists(Transaction transaction, const std::string& path) {
  const std::string doing = in_xenstore("reading", path);
  const Reply reply = ask(XS_READ, transaction, terminated(path), doing);
  if (reply.error == ENOENT) return false;
  must(reply, doing, transaction);
  return true;
}

void XsStore::write(const std::string& path, const std::string& value) {
  write_in(none, {path, value});
}

void XsStore::write_in(Transaction transaction, const StoreNode& node) {
  const std::string doing = in_xenstore("writing", node.path);
  must(ask(XS_WRITE, transaction, terminated(node.path) + node.value, doing), doing, transaction);
}

void XsStore::write_together(std::span<const StoreNode> nodes) {
  if (nodes.empty()) return;
  in_transaction(nodes.front().path, [&](Transaction transaction) {
    for (const StoreNode& node : nodes) write_in(transaction, node);
    return true;
  });
}

bool XsStore::write_within(const std::string& folder, std::span<const StoreNode> nodes) {
  return in_transaction(folder, [&](Transaction transaction) {
    if (!exists(transaction, folder)) return false;
    std::map<std::string, bool> there{{folder, true}};
    for (const StoreNode& node : nodes) {
      const auto [known, fresh] = there.try_emplace(folder_of(node.path));
      if (fresh) known->second = exists(transaction, known->first);
      if (known->second) write_in(transaction, node);
    }
    return true;
  });
}

void XsStore::remove(const std::string& path) {
  Reply reply = ask(XS_RM, none, terminated(path), in_xenstore("removing", path));
  if (reply.error != ENOENT) must(std::move(reply), in_xenstore("removing", path));
}

bool XsStore::remove_if_empty(const std::string& path) {
  const std::string doing = in_xenstore("removing", path);
  return in_transaction(path, [&](Transaction transaction) {
    if (!children_within(transaction, path).empty()) return false;
    Reply reply = ask(XS_RM, transaction, terminated(path), doing);
    if (reply.error != ENOENT) must(std::move(reply), doing, transaction);
    return true;
  });
}

// Does the work in one transaction, all of it again where somebody else came between. False, and
// nothing is other than it was, when the work says so.
template <typename Work>
bool XsStore::in_transaction(const std::string& about, const Work& work) {
  for (int tries = 0; tries < most_tries; ++tries) {
    const std::string doing = in_xenstore("beginning to write", about);
    const std::string number = must(ask(XS_TRANSACTION_START, none, terminated(""), doing), doing);
    const auto transaction = static_cast<Transaction>(std::strtoul(number.c_str(), nullptr, 0));
    if (!work(transaction)) {
      ask(XS_TRANSACTION_END, transaction, terminated("F"), in_xenstore("leaving", about));
      return false;
    }
    if (committed(transaction, about)) return true;
  }
  throw Error(EAGAIN, "writing " + about + " and its like in xenstore, " +
                          std::to_string(most_tries) + " times");
}

// False if somebody else came between, and nothing has been written.
bool XsStore::committed(Transaction transaction, const std::string& about) {
  const std::string doing = in_xenstore("committing", about);
  Reply reply = ask(XS_TRANSACTION_END, transaction, terminated("T"), doing);
  if (reply.error == EAGAIN) return false;
  must(std::move(reply), doing, transaction);
  return true;
}

}  // namespace

std::unique_ptr<Store> open_store(StorePatience patience) {
  return std::make_unique<XsStore>(std::move(patience));
}

}  // namespace vifchain::inline edge::inline store
