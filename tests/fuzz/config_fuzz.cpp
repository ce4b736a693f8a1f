// libFuzzer: whatever is in the file, it is answered with a topology or with what is wrong in it.
// clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc
//   tests/fuzz/config_fuzz.cpp src/edge/config.cpp src/edge/error.cpp src/core/*.cpp
#include <cstdlib>

#include "edge/config.hpp"

namespace {

using namespace vifchain;

// Every chain of a topology must be there to be made, and closed: nobody refers to a link outside.
void check_chains(const Topology& topology) {
  for (const auto& [name, link] : topology.links) {
    const auto chain = chain_for(topology, name.str());
    if (chain.has_value() != std::holds_alternative<Bridge>(link.kind)) std::abort();
    if (!chain) continue;
    for (const auto& [lower, below] : chain->links) {
      const auto* parent = parent_of(below);
      if (parent != nullptr && !chain->links.contains(*parent)) std::abort();
      if (below.controller && !chain->links.contains(*below.controller)) std::abort();
    }
  }
}

void check_said(const Diagnostics& wrong) {
  if (wrong.empty()) std::abort();
  for (const auto& diagnostic : wrong) {
    const auto said = show(diagnostic, "file");
    if (diagnostic.place.line == 0 || diagnostic.place.column == 0) std::abort();
    if (said.find('\n') != said.npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto result = parse_topology({reinterpret_cast<const char*>(data), size});
  if (const auto* topology = std::get_if<Topology>(&result)) check_chains(*topology);
  if (const auto* wrong = std::get_if<Diagnostics>(&result)) check_said(*wrong);
  return 0;
}
