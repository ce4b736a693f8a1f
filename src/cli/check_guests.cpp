// SPDX-License-Identifier: Apache-2.0
#include "cli/check_guests.hpp"

#include <chrono>
#include <cstdio>

#include "cli/read_config.hpp"
#include "cli/show/complain.hpp"
#include "cli/show/show_guest_findings.hpp"
#include "cli/show/terminal.hpp"
#include "cli/show/vifs_json.hpp"
#include "core/text/printable.hpp"
#include "core/view/words.hpp"
#include "edge/process/deadline.hpp"
#include "flow/host/look_at_guests.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{60};
constexpr std::size_t longest_question = std::size_t{16} << 20;

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

GuestsHostRead look(const std::vector<WantedVif>& vifs, const Common& common, bool json = false) {
  const Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  std::vector<std::string> mistakes;
  const auto take = [&](const std::string& mistake) {
    std::fprintf(stderr, "%s\n", printable(mistake).c_str());
    mistakes.push_back(mistake);
  };
  try {
    return look_at_guests_host(common.config, scripts_of(vifs), take,
                               {.on_interrupt = [&] { deadline.check(); }});
  } catch (const Refusal&) {
    if (json) print_mistakes_json(common.config, mistakes);
    throw;
  }
}

// What the findings were found without.
void note_what_is_missing(const GuestsHostRead& looked) {
  if (!looked.host.has_file)
    print(told("note", "no " + looked.host.config + ": only existing bridges count"));
  if (!looked.no_guests.empty())
    print(told("note", "running vifs are not known: " + looked.no_guests));
}

// No more than can be a question.
std::string standard_input() {
  std::string text;
  std::vector<char> part(std::size_t{1} << 16);
  while (text.size() <= longest_question) {
    const auto size = std::fread(part.data(), 1, part.size(), stdin);
    if (size == 0) return text;
    text.append(part.data(), size);
  }
  throw Refusal("standard input has more than 16 MiB");
}

}  // namespace

int check_guests(const CheckGuestsOptions& options, const Common& common) {
  const auto xen = xen_release(options.xen);
  const auto read = read_guest_files(options.files, xen);
  const auto looked = look(read.vifs, common, options.json);
  const auto checked = check_vifs(read.vifs, looked.host);
  const GuestsShown shown{read, checked};
  if (options.json) {
    print(guest_findings_json(shown, common.config, xen));
  } else {
    print(guest_findings_text(shown, standard_output().colour));
    note_what_is_missing(looked);
    print(guest_summary(shown));
  }
  return has_obstacle(shown) ? 1 : 0;
}

int answer_about_vifs(const Common& common) {
  const auto vifs = read_question(standard_input());
  const auto looked = look(vifs, common);
  print(answer_text({common.config, check_vifs(vifs, looked.host)}));
  return 0;
}

}  // namespace vifchain::inline cli
