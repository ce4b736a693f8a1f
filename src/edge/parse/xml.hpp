// SPDX-License-Identifier: Apache-2.0
// XML documents that others wrote.
#pragma once

#include <string_view>
#include <variant>

#include "core/guests/xml_element.hpp"

namespace vifchain::inline edge::inline parse {

// The document's tree. What libvirt does not write is refused: a document type, so that nothing is
// ever defined in it or fetched for it; more than 4 MiB; elements more than 32 deep, or more than
// 100000 of them.
std::variant<XmlElement, XmlMistake> parse_xml(std::string_view text);

}  // namespace vifchain::inline edge::inline parse
