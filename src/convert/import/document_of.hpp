// A sketch as the document of a vifchain.toml, value by value.
#pragma once

#include <vector>

#include "convert/import/sketch.hpp"
#include "core/text/document.hpp"

namespace vifchain {

// The tables; every key and value has a place of its own, which stands for no place in any text.
Table document_of(const Sketch& sketch);

}  // namespace vifchain
