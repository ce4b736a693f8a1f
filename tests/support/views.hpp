// SPDX-License-Identifier: Apache-2.0
// Texts of views beside those that are kept.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "temp_folder.hpp"

namespace vifchain {

// Compares with tests/fixtures/views/NAME. VIFCHAIN_WRITE_VIEWS=1 writes what comes out, to be read
// before it is kept.
inline void expect_view(const std::string& text, const std::string& file) {
  const std::string path = std::string(FIXTURES) + "/views/" + file;
  if (std::getenv("VIFCHAIN_WRITE_VIEWS") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(text, contents_of(path)) << file;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace vifchain
