// SPDX-License-Identifier: Apache-2.0
// write-keys PAGE: rewrites the rows of KEYS in vifchain.toml(5) from the table of options.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "key_rows.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: write-keys PAGE\n"), 1;
  std::ifstream in(argv[1]);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  try {
    const auto rewritten = vifchain::with_rows(page);
    if (rewritten != page) std::ofstream(argv[1]) << rewritten;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s: %s\n", argv[1], error.what()), 1;
  }
  return 0;
}
