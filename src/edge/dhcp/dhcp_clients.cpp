// SPDX-License-Identifier: Apache-2.0
#include "edge/dhcp/dhcp_clients.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <sstream>

#include "core/text/decimal.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_networkd.hpp"
#include "edge/dhcp/dhcp_table.hpp"
#include "edge/dhcp/recognise_client.hpp"
#include "edge/process/background.hpp"
#include "edge/process/child.hpp"
#include "edge/process/outside.hpp"
#include "edge/process/processes.hpp"
#include "udhcpc_script.hpp"

namespace vifchain::inline edge::inline dhcp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds time_to_come{5}, time_to_go{5};

// What is recorded of a client that was started: its pid, and what it found.
struct Record {
  int pid = 0;
  std::vector<LinkAddress> found = {};
};

std::string text_of(const Record& record) {
  std::string text = std::to_string(record.pid) + "\n";
  for (const auto& address : record.found) text += address.str() + "\n";
  return text;
}

std::optional<Record> read_record(const std::string& path) {
  std::optional<std::string> text;
  try {
    text = read_file(path);
  } catch (const Error&) {  // only root may
  }
  if (!text) return std::nullopt;
  Record record;
  std::istringstream lines(*text);
  std::string line;
  if (std::getline(lines, line)) record.pid = decimal<int>(line).value_or(0);
  while (std::getline(lines, line))
    if (const auto address = LinkAddress::parse(line)) record.found.push_back(*address);
  return record;
}

bool is_that(const Process& process, DhcpProgram program, const LinkName& link, bool v6) {
  const auto clients = clients_in(process.pid, process.words);
  return std::ranges::any_of(clients, [&](const DhcpClient& client) {
    return client.program == program && client.link == link && client.v6 == v6;
  });
}

// A process that cannot become another one while it is held, whatever happens to its number; by
// the system calls, as glibc 2.36 declares its functions for C alone.
class HeldProcess {
 public:
  explicit HeldProcess(int pid)
      : descriptor_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~HeldProcess() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  HeldProcess(const HeldProcess&) = delete;
  HeldProcess& operator=(const HeldProcess&) = delete;

  [[nodiscard]] bool is_there() const { return descriptor_ >= 0; }
  void send(int number) const { ::syscall(SYS_pidfd_send_signal, descriptor_, number, nullptr, 0); }

  // False when it is still there then.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds time, const Deadline& deadline) const {
    for (const auto end = Clock::now() + time;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
      pollfd waiting{descriptor_, POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) > 0)
        return true;
      if (left.count() <= 0) return false;
      deadline.check();
    }
  }

 private:
  int descriptor_;
};

std::string last_line(const std::string& text) {
  std::string last;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) last = line;
  return last;
}

// One that nobody else has (if_inet6_seq_show in net/ipv6/addrconf.c: address, index, prefix,
// scope, flags, name).
bool has_link_local(const LinkName& link) {
  constexpr unsigned not_usable = 0x48, scope_link = 0x20;  // IFA_F_TENTATIVE, IFA_F_DADFAILED
  std::istringstream lines(read_file("/proc/net/if_inet6").value_or(""));
  std::string address, index, prefix, scope, flags, name;
  while (lines >> address >> index >> prefix >> scope >> flags >> name)
    if (name == link.str() && decimal(scope, 16) == scope_link &&
        (decimal(flags, 16).value_or(not_usable) & not_usable) == 0)
      return true;
  return false;
}

class HostDhcpClients final : public DhcpClients {
 public:
  HostDhcpClients(const Deadline& deadline, DhcpPlaces places)
      : deadline_(deadline), places_(std::move(places)) {}

  std::vector<DhcpClient> running() override {
    std::vector<DhcpClient> all;
    std::map<int, int> parents;
    for (const auto& process : processes_here())
      for (auto& client : clients_in(process.pid, process.words)) {
        parents[process.pid] = process.parent;
        all.push_back(std::move(client));
      }
    // A client forks before it runs a script, and looks like two until then.
    std::erase_if(
        all, [&](const DhcpClient& client) { return parents.contains(parents.at(client.pid)); });
    for (auto& client : all) mark_if_ours(client);
    if (networkd_is_there(places_)) add_networkd(all);
    return all;
  }

  DhcpPrograms programs() override {
    DhcpPrograms programs;
    if (networkd_is_there(places_)) programs.there.insert(DhcpProgram::networkd);
    for (const auto program : {DhcpProgram::dhcpcd, DhcpProgram::dhclient, DhcpProgram::udhcpc})
      if (program_path(name_of(program))) programs.there.insert(program);
    programs.udhcpc6 = program_path(udhcpc_names[1]).has_value();
    return programs;
  }

  void start(DhcpProgram program, const LinkName& link, bool v6,
             const std::vector<LinkAddress>& found) override {
    if (is_in_bounds()) return ask_outside();
    const std::string path = record_of(link, v6);
    Record record = read_record(path).value_or(Record{.found = found});
    make_folder(places_.records);
    record.pid = program == DhcpProgram::networkd ? add_to_networkd(link, v6)
                                                  : start_process(program, link, v6);
    try {
      keep_file(path, text_of(record));
    } catch (...) {
      end({.program = program, .link = link, .v6 = v6, .pid = record.pid, .ours = true});
      throw;
    }
  }

  void stop(const DhcpClient& client, bool remember) override {
    if (is_in_bounds()) return ask_outside();
    end(client);
    if (!remember) drop_file(record_of(*client.link, client.v6));
  }

 private:
  [[nodiscard]] std::string record_of(const LinkName& link, bool v6) const {
    return places_.records + "/" + link.str() + (v6 ? "-6" : "-4");
  }

  static std::string unit_of(const LinkName& link, bool v6) {
    return unit_name("vifchain-dhcp-" + link.str() + (v6 ? "-6" : "-4"));
  }

  // "vifchain dhcp" is run there, and does what the file says: nothing else is handed over.
  void ask_outside() { keep_file(places_.wanted, "vifchain dhcp\n"); }

  static void make_folder(const std::string& path) {
    make_folders(path);
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) throw Error(failed.value(), "creating the directory " + path);
  }

  void mark_if_ours(DhcpClient& client) const {
    if (!client.link) return;
    const auto record = read_record(record_of(*client.link, client.v6));
    client.ours = record && (record->pid == client.pid ||
                             is_of_unit(client.pid, unit_of(*client.link, client.v6)));
    if (client.ours) client.found = record->found;
  }

  void add_networkd(std::vector<DhcpClient>& all) const {
    for (const auto& [link, dhcp] : links_of_networkd(places_))
      for (const bool v6 : {false, true}) {
        if (!wants(dhcp, v6)) continue;
        DhcpClient client{.program = DhcpProgram::networkd, .link = link, .v6 = v6, .ours = true};
        client.found = read_record(record_of(link, v6)).value_or(Record{}).found;
        all.push_back(std::move(client));
      }
  }

  [[nodiscard]] Dhcp told_networkd(const LinkName& link) const {
    const auto links = links_of_networkd(places_);
    const auto told = links.find(link);
    return told == links.end() ? Dhcp::off : told->second;
  }

  int add_to_networkd(const LinkName& link, bool v6) {
    tell_networkd(places_, link, with(told_networkd(link), v6), deadline_);
    return 0;
  }

  void take_from_networkd(const LinkName& link, bool v6) {
    const Dhcp told = told_networkd(link);
    const bool other = wants(told, !v6);
    if (wants(told, v6))
      tell_networkd(places_, link, other ? with(Dhcp::off, !v6) : Dhcp::off, deadline_);
  }

  // Its number, once it is in the background.
  int start_process(DhcpProgram program, const LinkName& link, bool v6) {
    take_from_networkd(link, v6);  // it may be told by a file of before, and come back
    const DhcpCommand command = command_for(program, link, v6, places_);
    if (!command.lease_folder.empty()) make_folder(command.lease_folder);
    if (program == DhcpProgram::udhcpc)
      keep_file(places_.leases + "/udhcpc.sh", udhcpc_script, 0755);
    drop_file(command.pid_file);
    if (v6 && program != DhcpProgram::dhcpcd) wait_for_link_local(link);
    const std::string words = run(command, unit_of(link, v6));
    const DhcpClient client{.program = program, .link = link, .v6 = v6};
    try {
      if (const int pid = wait_for_pid(command.pid_file, client)) return pid;
    } catch (...) {
      end_all_like(client);
      throw;
    }
    end_all_like(client);
    throw Error(
        ECANCELED,
        "starting " + name_of(program) + " on " + link.str() + ", which did not come to stay",
        words);
  }

  // These ask from it, and end where there is none yet.
  void wait_for_link_local(const LinkName& link) {
    for (const auto end = Clock::now() + time_to_come; Clock::now() < end;) {
      if (has_link_local(link)) return;
      deadline_.check();
      ::poll(nullptr, 0, 20);
    }
    throw Error(EADDRNOTAVAIL, "starting DHCP for IPv6 on " + link.str(),
                "it has no link-local address; where it has no carrier yet, dhcpcd waits for one");
  }

  void end_unit(const std::string& unit) {
    run_child({.words = ending_unit(unit), .environment = client_environment(), .output = {}},
              deadline_);
  }

  // What the client said; nothing where it speaks to syslog.
  std::string run(const DhcpCommand& command, const std::string& unit) {
    const bool as_one = has_units();
    if (command.stays_in_front && !as_one) {
      start_in_background(command.words, client_environment());
      return {};
    }
    const std::string output = places_.records + "/start.out";
    drop_file(output);
    const auto comes = command.stays_in_front ? Comes::at_once : Comes::by_forking;
    if (as_one) end_unit(unit);  // one whose link went away under it may be trying again
    const auto all =
        as_one ? as_unit(unit, command.words, client_environment(), comes, command.pid_file)
               : command.words;
    const int code =
        run_child({.words = all, .environment = client_environment(), .output = output}, deadline_);
    const std::string words = last_line(read_file(output).value_or(""));
    if (code != 0)
      throw Error(
          ECANCELED,
          "starting " + command.words.front() + ", which ended with " + std::to_string(code),
          words);
    return words;
  }

  int wait_for_pid(const std::string& file, const DhcpClient& client) {
    for (const auto end = Clock::now() + time_to_come; Clock::now() < end;) {
      const auto text = read_file(file).value_or("");
      const int pid = decimal<int>(text.substr(0, text.find('\n'))).value_or(0);
      if (pid > 0 && is_that(process_of(pid), client.program, *client.link, client.v6)) return pid;
      deadline_.check();
      ::poll(nullptr, 0, 5);
    }
    return 0;
  }

  // Nobody else's: where somebody's runs already none is started.
  void end_all_like(const DhcpClient& client) {
    for (auto& other : running())
      if (other.program == client.program && other.link == client.link && other.v6 == client.v6)
        end(other);
  }

  void end(const DhcpClient& client) {
    if (client.program == DhcpProgram::networkd) return take_from_networkd(*client.link, client.v6);
    const HeldProcess process(client.pid);
    if (!process.is_there() ||
        !is_that(process_of(client.pid), client.program, *client.link, client.v6))
      return;
    if (const auto unit = unit_of(*client.link, client.v6); is_of_unit(client.pid, unit))
      end_unit(unit);
    process.send(SIGTERM);
    if (process.ends_within(time_to_go, deadline_)) return;
    process.send(SIGKILL);
    if (!process.ends_within(time_to_go, deadline_))
      throw Error(ETIMEDOUT, "ending " + in_words(client) + " on " + client.link->str());
  }

  const Deadline& deadline_;
  DhcpPlaces places_;
};

}  // namespace

std::unique_ptr<DhcpClients> open_dhcp_clients(const Deadline& deadline, DhcpPlaces places) {
  return std::make_unique<HostDhcpClients>(deadline, std::move(places));
}

}  // namespace vifchain::inline edge::inline dhcp
