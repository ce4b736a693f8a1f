// SPDX-License-Identifier: Apache-2.0
#include "edge/parse/xl_config.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

extern "C" {
#include <libxlutil.h>
}

#include "core/text/decimal.hpp"
#include "edge/base/error.hpp"
#include "edge/base/shared_library.hpp"

namespace vifchain::inline edge::inline parse {
namespace {

// What the library is told that the text is called. Each line that it reports begins with it.
constexpr std::string_view source = "-:";

// libxlutil's interface is one release's, as libxenlight's is.
struct Xlu {
  Xlu() {
    library.find(init, "xlu_cfg_init");
    library.find(read_data, "xlu_cfg_readdata");
    library.find(destroy, "xlu_cfg_destroy");
    library.find(get_string, "xlu_cfg_get_string");
    library.find(get_list, "xlu_cfg_get_list");
    library.find(get_item, "xlu_cfg_get_listitem2");
    library.find(item_as_string, "xlu_cfg_value_get_string");
    library.find(item_as_list, "xlu_cfg_value_get_list");
  }

  SharedLibrary library{"libxlutil.so." XEN_RELEASE, "libxenmisc" XEN_RELEASE};
  decltype(&xlu_cfg_init) init = nullptr;
  decltype(&xlu_cfg_readdata) read_data = nullptr;
  decltype(&xlu_cfg_destroy) destroy = nullptr;
  decltype(&xlu_cfg_get_string) get_string = nullptr;
  decltype(&xlu_cfg_get_list) get_list = nullptr;
  decltype(&xlu_cfg_get_listitem2) get_item = nullptr;
  decltype(&xlu_cfg_value_get_string) item_as_string = nullptr;
  decltype(&xlu_cfg_value_get_list) item_as_list = nullptr;
};

// A stream for the library to report into, in memory.
class Report {
 public:
  Report() : stream_(open_memstream(&text_, &size_)) {
    if (stream_ == nullptr) throw Error(errno, "making a stream in memory");
  }
  ~Report() {
    std::fclose(stream_);
    std::free(text_);
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  [[nodiscard]] std::FILE* stream() { return stream_; }

  // What was reported since the last call.
  std::string take() {
    std::fflush(stream_);
    std::string news(text_ + taken_, size_ - taken_);
    taken_ = size_;
    return news;
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0, taken_ = 0;
  std::FILE* stream_;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// "-:12: config parsing error near `x': syntax error" and "-:3:0: warning: …"
XlMistake mistake_in(std::string_view line) {
  if (!line.starts_with(source)) return {0, std::string(line)};
  line.remove_prefix(source.size());
  const auto digits = line.substr(0, line.find(':'));
  const auto number = decimal(digits);
  if (!number || digits.size() == line.size()) return {0, std::string(line)};
  line.remove_prefix(digits.size() + 1);
  return {*number, std::string(line.substr(std::min(line.find_first_not_of(' '), line.size())))};
}

class Reading {
 public:
  explicit Reading(const Xlu& xlu) : xlu_(xlu), config_(xlu.init(report_.stream(), "-")) {
    if (config_ == nullptr) throw Error(ENOMEM, "reading a guest's configuration");
  }
  ~Reading() { xlu_.destroy(config_); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  bool parse(const std::string& text) {
    return xlu_.read_data(config_, text.data(), static_cast<int>(text.size())) == 0;
  }

  std::vector<XlMistake> mistakes() {
    std::vector<XlMistake> all;
    const auto report = report_.take();
    for (const auto line : lines_of(report))
      if (line.starts_with(source)) all.push_back(mistake_in(line));
    if (all.empty()) all.push_back({0, "libxlutil refuses it and does not say why"});
    return all;
  }

  std::optional<XlValue> value_of(const char* key) {
    XLU_ConfigList* list = nullptr;
    int size = 0;
    const char* text = nullptr;
    if (xlu_.get_list(config_, key, &list, &size, 1) == 0)
      return XlValue{line_of_list(key), items_of(list, size)};
    if (xlu_.get_string(config_, key, &text, 1) == 0)
      return XlValue{line_of_text(key), std::string(text)};
    return std::nullopt;
  }

 private:
  // The library has no function that tells the line of a setting, but it complains with it.
  unsigned reported_line() {
    const auto report = report_.take();
    const auto lines = lines_of(report);
    return lines.empty() ? 0 : mistake_in(lines.front()).line;
  }

  unsigned line_of_list(const char* key) {
    const char* text = nullptr;
    xlu_.get_string(config_, key, &text, 0);
    return reported_line();
  }

  unsigned line_of_text(const char* key) {
    xlu_.get_list(config_, key, nullptr, nullptr, 0);
    return reported_line();
  }

  std::vector<XlItem> items_of(XLU_ConfigList* list, int size) {
    std::vector<XlItem> items;
    for (int i = 0; i < size; ++i) items.push_back(read_item(xlu_.get_item(list, i)));
    return items;
  }

  XlItem read_item(XLU_ConfigValue* value) {
    XlItem item;
    char* text = nullptr;
    if (xlu_.item_as_string(config_, value, &text, 0) == 0) {
      XLU_ConfigList* none = nullptr;
      xlu_.item_as_list(config_, value, &none, 0);
      item.text = text;
    }
    item.line = reported_line();
    return item;
  }

  const Xlu& xlu_;
  Report report_;
  XLU_Config* config_;
};

// Does it in a process of its own first: the library asserts things about files that it did not
// write. The signal that ended it; 0 where it came to its end, or no process could be made.
int end_of_trial(const std::function<void()>& work) {
  constexpr rlimit none{0, 0}, seconds{3, 3};
  const pid_t child = ::fork();
  if (child < 0) return 0;
  if (child == 0) {
    ::setrlimit(RLIMIT_CORE, &none);
    ::setrlimit(RLIMIT_CPU, &seconds);
    ::signal(SIGABRT, SIG_DFL);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    try {
      work();
    } catch (...) {  // it comes once more, where somebody hears of it
    }
    ::_exit(0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

class LibXlReader final : public XlReader {
 public:
  std::variant<XlSettings, std::vector<XlMistake>> read(
      const std::string& text, std::span<const char* const> keys) override {
    if (text.find('\0') != std::string::npos)
      return std::vector<XlMistake>{{line_at(text, text.find('\0')), "there is a NUL byte in it"}};
    if (const auto end = end_of_trial([&] { parse(text, keys); }); end != 0)
      return std::vector<XlMistake>{
          {0, "libxlutil itself does not survive it (" + std::string(::strsignal(end)) + ")"}};
    return parse(text, keys);
  }

 private:
  static unsigned line_at(const std::string& text, std::size_t at) {
    return 1 + static_cast<unsigned>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }

  std::variant<XlSettings, std::vector<XlMistake>> parse(const std::string& text,
                                                         std::span<const char* const> keys) {
    Reading reading(xlu_);
    if (!reading.parse(text)) return reading.mistakes();
    XlSettings settings;
    for (const char* key : keys)
      if (auto value = reading.value_of(key)) settings.emplace(key, std::move(*value));
    return settings;
  }

  Xlu xlu_;
};

}  // namespace

std::unique_ptr<XlReader> open_xl_reader() {
  return std::make_unique<LibXlReader>();
}

XenRelease release_of_libraries() {
  return XenRelease::parse(XEN_RELEASE).value();
}

}  // namespace vifchain::inline edge::inline parse
