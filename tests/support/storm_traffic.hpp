// SPDX-License-Identifier: Apache-2.0
// Guests that send without pause, and what is heard of it behind their bridges.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storm_ledger.hpp"

namespace vifchain::test {

// From construction to destruction a thread sends, from each guest that is plugged in, one frame of
// each kind in turn, and another hears. Both are in the network namespace of whoever makes it.
class Traffic {
 public:
  static constexpr unsigned most_senders = 256, most_bridges = 16;

  Traffic();
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // What comes in on this link came through that bridge.
  void listen(unsigned bridge, const std::string& link);

  // From now on the guest sends from this link, and is known as `sender` there: what it may not
  // send as well, or only what is honest. When the link is another one by now, plug it in again.
  enum class Sends : std::uint8_t { everything, honest_frames };
  void plug(unsigned sender, unsigned guest, const std::string& link, Sends what);
  void unplug(unsigned sender);

  // Between any two others this one sends.
  void favour(unsigned sender) { favoured_ = sender; }

  // Returns when every sender has sent each of its frames since.
  void let_a_round_pass() const;

  // What was heard since the last call, but for honest frames.
  std::vector<HeardFrame> take();

  // When the last honest frame that was heard behind the bridge had been sent.
  [[nodiscard]] std::int64_t last_honest(unsigned sender, unsigned bridge) const {
    return honest_.at(sender).at(bridge);
  }

  // How much there was of it, for a person.
  [[nodiscard]] std::string in_words() const;

 private:
  struct Sender;
  struct Ear;
  using Senders = std::vector<std::shared_ptr<Sender>>;

  void send_all();
  void send(Sender& sender, std::size_t kind);
  void hear_all();
  void hear(const Ear& ear);
  void note(const HeardFrame& heard);

  std::mutex mutex_;  // of those that follow
  Senders senders_;
  std::vector<std::shared_ptr<Ear>> ears_;
  std::vector<HeardFrame> heard_;

  std::array<std::array<std::atomic<std::int64_t>, most_bridges>, most_senders> honest_{};
  std::atomic<std::size_t> rounds_ = 0, forged_ = 0, honest_heard_ = 0;
  std::atomic<unsigned> favoured_ = 0;
  std::atomic<bool> ends_ = false;
  std::thread sending_, hearing_;
};

}  // namespace vifchain::test
