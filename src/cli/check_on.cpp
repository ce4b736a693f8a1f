// SPDX-License-Identifier: Apache-2.0
#include "cli/check_on.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/show/show_guest_findings.hpp"
#include "cli/show/terminal.hpp"
#include "cli/show/vifs_json.hpp"
#include "core/text/lines.hpp"
#include "core/text/problem.hpp"
#include "core/view/words.hpp"
#include "edge/process/ask_program.hpp"
#include "flow/host/look_at_guests.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{30};
constexpr std::size_t longest_answer = std::size_t{16} << 20;
constexpr int no_connection = 255, no_program = 127;  // of ssh(1), and of the shell at its end

// Without a terminal nobody types a password.
constexpr const char* usual_ssh = "ssh -o BatchMode=yes -o ConnectTimeout=10";

std::vector<std::string> ssh_to(const std::string& host) {
  const char* other = std::getenv("VIFCHAIN_SSH");
  auto words = words_of(other != nullptr && *other != '\0' ? other : usual_ssh);
  if (words.empty()) words = words_of(usual_ssh);
  for (const char* word : {host.c_str(), "vifchain", "check", "--vifs", "-"})
    words.emplace_back(word);
  return words;
}

// What begins with "-" would be an option of ssh's.
void check_name(const std::string& host) {
  const bool blank = host.find_first_of(" \t\n") != std::string::npos;
  if (host.empty() || host.starts_with('-') || blank)
    throw Refusal("invalid host \"" + printable(host) +
                  "\" for --on: expected a name that ssh takes, for example root@xen2");
}

// The last line of what was said, which mostly is the reason, without the hint below it.
std::string last_words(const std::string& text) {
  auto words = trimmed(text);
  if (const auto hint = words.rfind("\nhint: "); hint != std::string_view::npos)
    words = trimmed(words.substr(0, hint));
  if (const auto line = words.rfind('\n'); line != std::string_view::npos)
    words.remove_prefix(line + 1);
  return printable(words.substr(0, 500));
}

[[noreturn]] void refuse(const std::string& host, const ProgramAnswer& answer) {
  const auto said = last_words(answer.errors);
  const std::string words = said.empty() ? "" : " (" + said + ")";
  if (answer.exit_code == no_connection)
    throw Refusal(
        problem("cannot reach " + host + " by ssh" + words, "ssh " + host + " vifchain --version"));
  if (answer.exit_code == no_program)
    throw Refusal(problem(host + " has no vifchain" + words,
                          "install it there, then check ssh " + host + " vifchain --version"));
  if (answer.exit_code == 0)
    throw Refusal(problem("unexpected reply from vifchain on " + host,
                          "compare versions, and check that login scripts print nothing"));
  const bool is_old = said.find("--vifs") != std::string::npos;
  throw Refusal(
      problem("vifchain on " + host + " failed with " + std::to_string(answer.exit_code) + words,
              is_old ? "install a newer vifchain on " + host : ""));
}

VifsAnswer ask(const std::string& host, const std::vector<WantedVif>& vifs) {
  const Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  const auto answer = ask_program(ssh_to(host), question_about(vifs), longest_answer, deadline);
  auto read = answer.exit_code == 0 ? read_answer(answer.output, vifs.size()) : std::nullopt;
  if (!read) refuse(host, answer);
  return std::move(*read);
}

// Files first, then those that run; each in the order given.
ReadGuests read_guests(const CheckOnOptions& options) {
  std::vector<std::string> files, names;
  for (const auto& guest : options.guests) {
    const bool is_file = guest.find('/') != std::string::npos && std::filesystem::exists(guest);
    (is_file || std::filesystem::is_regular_file(guest) ? files : names).push_back(guest);
  }
  ReadGuests read;
  if (!files.empty()) read = read_guest_files(files, xen_release(options.xen));
  for (auto& vif : running_vifs(names)) read.vifs.push_back(std::move(vif));
  read.guests += names.size();
  return read;
}

// What was remarked here belongs to the whole.
void add_remarks(const ReadGuests& read, CheckedVifs& checked) {
  std::vector<GuestFinding> own;
  for (std::size_t i = 0; i < read.vifs.size(); ++i)
    for (const auto& [weight, text] : read.vifs[i].remarks) own.push_back({i, weight, text});
  checked.findings.insert(checked.findings.begin(), own.begin(), own.end());
  std::ranges::stable_sort(checked.findings, {}, &GuestFinding::vif);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_bridges(const GuestsShown& shown, const std::string& host) {
  for (std::size_t i = 0; i < shown.read.vifs.size(); ++i)
    if (!shown.checked.bridges[i].empty())
      print(printable(place_in_words(shown.read.vifs[i]) + ": " + shown.checked.bridges[i] +
                      " on " + host) +
            "\n");
}

}  // namespace

int check_on(const CheckOnOptions& options) {
  check_name(options.host);
  if (options.guests.empty())
    throw Refusal("--on needs a GUEST: the name of a running one, or its file");
  const auto read = read_guests(options);
  auto answer = ask(options.host, read.vifs);
  add_remarks(read, answer.checked);
  const GuestsShown shown{read, answer.checked};
  if (options.json) {
    print(guest_findings_json(shown, options.host + ":" + answer.config, xen_release(options.xen)));
  } else {
    print(guest_findings_text(shown, standard_output().colour));
    print_bridges(shown, options.host);
    print(guest_summary(shown));
  }
  return has_obstacle(shown) ? 1 : 0;
}

}  // namespace vifchain::inline cli
