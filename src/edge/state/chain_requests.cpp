// SPDX-License-Identifier: Apache-2.0
#include "edge/state/chain_requests.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <sstream>
#include <thread>

#include "edge/base/descriptor.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline state {
namespace {

std::string requests_path(const std::string& folder) {
  return folder + "/requests";
}

std::string text_of(const std::map<LinkName, ChainRequest>& requests) {
  std::string text;
  for (const auto& [name, request] : requests)
    text += name.str() + (request == ChainRequest::stands ? " stands\n" : " stays-down\n");
  return text;
}

// Nobody holds it for longer than it takes to write a small file; many may be waiting.
constexpr std::chrono::milliseconds patience{4000}, between_attempts{5};

// Held while somebody reads, changes and writes. Where it cannot be had, as somebody was stopped
// with it, two at once may lose a line of one of them.
Descriptor lock(const std::string& folder) {
  ::mkdir(folder.c_str(), 0700);
  Descriptor file(
      ::open((requests_path(folder) + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  auto left = patience;
  while (file.open() && ::flock(file.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK &&
         (left -= between_attempts) > left.zero())
    std::this_thread::sleep_for(between_attempts);
  return file;
}

}  // namespace

std::map<LinkName, ChainRequest> chain_requests(const std::string& folder) {
  std::map<LinkName, ChainRequest> requests;
  std::istringstream lines(text_or_nothing(requests_path(folder)));
  for (std::string name, request; lines >> name >> request;)
    if (const auto link = LinkName::parse(name))
      requests.emplace(*link,
                       request == "stands" ? ChainRequest::stands : ChainRequest::stays_down);
  return requests;
}

void record_chain_requests(const std::string& folder,
                           const std::map<LinkName, std::optional<ChainRequest>>& changes) {
  if (changes.empty()) return;
  const Descriptor held = lock(folder);
  const auto before = chain_requests(folder);
  auto requests = before;
  for (const auto& [name, request] : changes) {
    requests.erase(name);
    if (request) requests.emplace(name, *request);
  }
  if (requests == before) return;
  try {
    keep_file(requests_path(folder), text_of(requests));
  } catch (const Error&) {
    return;
  }
}

}  // namespace vifchain::inline edge::inline state
