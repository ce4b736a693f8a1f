#include "edge/filter/recorded_guards.hpp"

#include <filesystem>
#include <fstream>

namespace vifchain {

std::map<std::string, Guard> recorded_guards(const std::string& folder) {
  std::map<std::string, Guard> guards;
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    const std::string key = file->path().filename();
    if (!LinkName::parse(key)) continue;  // one of the records' own files
    std::ifstream lines(file->path());
    // The last line is what was to be put in last.
    for (std::string line; std::getline(lines, line);)
      if (const auto guard = read_guard(line)) guards.insert_or_assign(key, *guard);
  }
  return guards;
}

}  // namespace vifchain
