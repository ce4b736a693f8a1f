// Lines of a stanza that have no place in a vifchain.toml.
#pragma once

#include <string>

#include "convert/import/files/ifupdown_stanzas.hpp"
#include "convert/import/sketch.hpp"

namespace vifchain {

// A remark with what has its place instead, or that nobody knows the key.
void lose_line(const IfupLine& line, const std::string& link, Sketch& sketch);

}  // namespace vifchain
