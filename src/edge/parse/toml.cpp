// SPDX-License-Identifier: Apache-2.0
#include "edge/parse/toml.hpp"

// toml++ 3.3 asserts what it then checks and answers with an error ("[\\x]" in parse_key): as an
// assertion it would end the program, and with NDEBUG it is an assumption for the optimizer.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#define TOML_UNDEF_MACROS 1
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_map>

#include "core/config/read.hpp"
#include "core/text/problem.hpp"
#include "core/text/utf8.hpp"
#include "edge/base/bounded_file.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline parse {
namespace {

constexpr std::size_t largest_file = 4U << 20;
constexpr std::size_t longest_shown = 40;
constexpr std::size_t most_dots = 32;

// Where lines begin, to go between toml++'s positions (line, character) and bytes.
class Source {
 public:
  explicit Source(std::string_view text) : text_(text) {
    lines_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') lines_.push_back(i + 1);
  }

  [[nodiscard]] std::size_t offset(toml::source_position position) const {
    if (position.line < 1 || position.line > lines_.size()) return text_.size();
    const auto& marks = marks_of(position.line);
    const std::size_t column = std::max<std::size_t>(position.column, 1) - 1;
    const auto mark = std::min(column / step, marks.size() - 1);
    std::size_t at = marks[mark];
    for (auto left = column - mark * step; left > 0 && at < text_.size(); --left)
      at = next_character(at);
    return at;
  }

  [[nodiscard]] Place place(std::size_t offset) const {
    const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
    const auto line = static_cast<std::size_t>(next - lines_.begin());
    return {static_cast<unsigned>(line), static_cast<unsigned>(offset - lines_[line - 1] + 1)};
  }

  [[nodiscard]] Place place(toml::source_position position) const {
    return place(offset(position));
  }

  // What was written there, its first line, shortened.
  [[nodiscard]] std::string text(const toml::source_region& region) const {
    const auto begin = offset(region.begin);
    const auto end = std::max(begin, offset(region.end));
    return shortened(text_.substr(begin, end - begin));
  }

  [[nodiscard]] std::string line(unsigned number) const {
    const auto begin = lines_[std::min<std::size_t>(number, lines_.size()) - 1];
    const auto rest = text_.substr(begin);
    const auto start = std::min(rest.find_first_not_of(" \t"), rest.size());
    return shortened(rest.substr(start, rest.find('\n') - start));
  }

 private:
  static constexpr std::size_t step = 64;

  [[nodiscard]] std::size_t next_character(std::size_t at) const {
    ++at;
    while (at < text_.size() && continues_character(text_[at])) ++at;
    return at;
  }

  // Where each 64th character of the line is: a file may be one line, and everything in it is asked
  // for, in any order.
  const std::vector<std::size_t>& marks_of(std::size_t line) const {
    const auto [found, fresh] = marks_.try_emplace(line);
    if (!fresh) return found->second;
    const auto end = line < lines_.size() ? lines_[line] : text_.size();
    std::size_t column = 0;
    for (auto at = lines_[line - 1]; at < end; at = next_character(at))
      if (column++ % step == 0) found->second.push_back(at);
    if (found->second.empty()) found->second.push_back(lines_[line - 1]);
    return found->second;
  }

  static std::string shortened(std::string_view text) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    auto size = std::min(line.size(), longest_shown);
    while (size > 0 && size < line.size() && continues_character(line[size])) --size;
    return std::string(line.substr(0, size)) + (size < text.size() ? "…" : "");
  }

  std::string_view text_;
  std::vector<std::size_t> lines_;
  mutable std::unordered_map<std::size_t, std::vector<std::size_t>> marks_;
};

// toml++'s tree to ours.
class Converter {
 public:
  explicit Converter(const Source& source) : source_(source) {}

  [[nodiscard]] Table table(const toml::table& tree) const {
    Table entries;
    entries.reserve(tree.size());
    for (const auto& [key, node] : tree)
      entries.push_back(
          {std::string(key.str()), source_.place(key.source().begin), this->node(node)});
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.place < b.place; });
    return entries;
  }

 private:
  [[nodiscard]] Node node(const toml::node& tree) const {
    Node node{std::string(), source_.place(tree.source().begin), source_.text(tree.source())};
    if (const auto* table = tree.as_table()) node.value = this->table(*table);
    if (const auto* array = tree.as_array()) node.value = this->array(*array);
    if (const auto* text = tree.as_string()) node.value = text->get();
    if (const auto* integer = tree.as_integer()) node.value = integer->get();
    if (const auto* number = tree.as_floating_point()) node.value = number->get();
    if (const auto* flag = tree.as_boolean()) node.value = flag->get();
    return node;
  }

  [[nodiscard]] Array array(const toml::array& tree) const {
    Array elements;
    elements.reserve(tree.size());
    for (const auto& element : tree) elements.push_back(node(element));
    return elements;
  }

  const Source& source_;
};

// Walks over TOML text, just closely enough to tell strings and comments from the rest, to find
// what toml++ 3.3 must not see: it bounds the depth of values but not of dotted keys, whose trees
// are walked and freed by recursion; and for a letter beyond ASCII outside a string it runs into
// what it declares unreachable (is_non_ascii_horizontal_whitespace).
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  // Where the first such thing is and what to say of it; nothing when there is none.
  std::optional<std::pair<std::size_t, std::string>> first_wrong() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool quote = c == '"' || c == '\'';
      if (quote && in_word_) return {{at_, "is not TOML: a quote in the middle of a word"}};
      if (!is_ascii(c))
        return {{at_, "a letter that is not ASCII may stand only in quotes, on one line"}};
      if (quote)
        skip_string(c);
      else if (c == '#')
        skip_past(text_.find('\n', at_));
      else
        step(c);
      if (dots_ > most_dots) return {{at_, "there are more than 32 dots in a key"}};
    }
    return std::nullopt;
  }

 private:
  static bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

  void skip_past(std::size_t at) { at_ = std::min(at, text_.size()); }

  void step(char c) {
    ++at_;
    dots_ = c == '\n' ? 0 : dots_ + (c == '.' ? 1 : 0);
    switch (c) {
      case '\n':
        return next(in_value_ && !open_.empty());
      case ' ':
      case '\t':
      case '\r':
        return next(in_value_);
      case ',':
        return next(open_.empty() ? in_value_ : open_.back() == '[');
      case '=':
      case '.':
        return in_value_ ? word() : next(c == '=');
      case '[':
      case '{':
        return in_word_ ? word() : open(c);
      case ']':
      case '}':
        return close();
      default:
        return word();
    }
  }

  // A key or value may begin here.
  void next(bool value) {
    in_value_ = value;
    in_word_ = false;
  }

  // No string may begin before the next separator.
  void word() { in_word_ = true; }

  void open(char bracket) {
    if (!in_value_) return;  // of a table's name
    open_ += bracket;
    next(bracket == '[');
  }

  void close() {
    if (!open_.empty()) {
      open_.pop_back();
      in_value_ = true;
    }
    word();
  }

  // Past the string that begins here; to the end of the line where it is not closed. One over
  // several lines is left at its first letter that is not ASCII.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool lines = text_.substr(at_, 3) == three;
    word();
    skip_past(at_ + (lines ? 3 : 1));
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (lines ? !is_ascii(c) : c == '\n') return;
      const bool closed = lines ? text_.substr(at_, 3) == three : c == quote;
      if (closed) return skip_close(quote, lines);
      skip_past(at_ + (c == '\\' && quote == '"' ? 2 : 1));
    }
  }

  // A string over several lines may end in two quotes of its own before the closing three.
  void skip_close(char quote, bool lines) {
    skip_past(at_ + (lines ? 3 : 1));
    for (int more = 0; lines && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more)
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t dots_ = 0;   // in this line
  std::string open_;       // brackets of values that are open
  bool in_value_ = false;  // after '=', or in an array
  bool in_word_ = false;
};

Diagnostics too_large() {
  return {{{1, 1}, "", "the file is larger than 4 MiB", ""}};
}

// What no TOML file may have in it, found before the parser sees it.
Diagnostics unreadable(std::string_view text, const Source& source) {
  if (text.size() > largest_file) return too_large();
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\0') return {{source.place(at), "", "there is a NUL byte in the file", ""}};
    const auto size = character_size(text.substr(at));
    if (size == 0) return {{source.place(at), "", "the file is not UTF-8 from here on", ""}};
    at += size;
  }
  if (const auto found = Scan(text).first_wrong())
    return {{source.place(found->first), source.line(source.place(found->first).line),
             found->second, ""}};
  return {};
}

// "Error while parsing key: expected …" as "is not TOML (key): expected …".
std::string in_our_words(std::string_view description) {
  constexpr std::string_view theirs = "Error while parsing ";
  const auto colon = description.find(": ");
  if (!description.starts_with(theirs) || colon == description.npos)
    return "is not TOML: " + std::string(description);
  const auto what = description.substr(theirs.size(), colon - theirs.size());
  return "is not TOML (" + std::string(what) + ")" + std::string(description.substr(colon));
}

Diagnostic syntax_error(const toml::parse_error& error, const Source& source) {
  const auto place = source.place(error.source().begin);
  return {place, source.line(place.line), in_our_words(error.description()), ""};
}

// With the line to type behind the words of errno, which Error ends with.
class NoConfig : public Error {
 public:
  explicit NoConfig(const std::string& path)
      : Error(ENOENT, "cannot read " + path),
        text_(problem(Error::what(), "vifchain import > " + path + ", or see vifchain.toml(5)")) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

[[noreturn]] void cannot_read(const std::string& path, const Error& error) {
  if (error.code() == std::errc::no_such_file_or_directory) throw NoConfig(path);
  throw Error(error.code().value(), "cannot read " + path,
              "expected a regular file that root can read");
}

}  // namespace

std::variant<Table, Diagnostics> parse_document(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const Source source(text);
  if (auto wrong = unreadable(text, source); !wrong.empty()) return wrong;
  const auto result = toml::parse(text);
  if (!result) return Diagnostics{syntax_error(result.error(), source)};
  return Converter(source).table(result.table());
}

std::variant<Topology, Diagnostics> parse_topology(std::string_view text) {
  auto document = parse_document(text);
  if (auto* wrong = std::get_if<Diagnostics>(&document)) return std::move(*wrong);
  return read_topology(std::get<Table>(document));
}

std::string config_text(const std::string& path) {
  try {
    return read_bounded_file(path, largest_file);
  } catch (const Error& error) {
    if (error.code() == std::errc::file_too_large) throw;
    cannot_read(path, error);
  }
}

std::variant<Topology, Diagnostics> load_topology(const std::string& path) {
  try {
    return parse_topology(config_text(path));
  } catch (const Error& error) {
    if (error.code() == std::errc::file_too_large) return too_large();
    throw;
  }
}

}  // namespace vifchain::inline edge::inline parse
