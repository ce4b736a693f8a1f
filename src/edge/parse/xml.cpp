// SPDX-License-Identifier: Apache-2.0
#include "edge/parse/xml.hpp"

#include <algorithm>
#include <pugixml.hpp>

namespace vifchain::inline edge::inline parse {
namespace {

constexpr std::size_t most_bytes = std::size_t{4} << 20;
constexpr unsigned deepest = 32;
constexpr std::size_t most_elements = 100000;

class Tree {
 public:
  explicit Tree(std::string_view text) : text_(text) {}

  std::variant<XmlElement, XmlMistake> run() {
    if (text_.size() > most_bytes) return XmlMistake{0, "it is larger than 4 MiB"};
    pugi::xml_document document;
    const auto parsed = document.load_buffer(
        text_.data(), text_.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
    if (!parsed) return mistake_at(parsed.offset, parsed.description());
    for (const auto& node : document.children())
      if (node.type() == pugi::node_doctype)
        return mistake_at(node.offset_debug(),
                          "it has a document type, which no file of libvirt's "
                          "has");
    try {
      return element_of(document.document_element(), 1);
    } catch (const XmlMistake& mistake) {
      return mistake;
    }
  }

 private:
  XmlMistake mistake_at(std::ptrdiff_t offset, std::string what) {
    return {line_at(offset), std::move(what)};
  }

  // Elements come in the order of the text, so it is gone through once.
  unsigned line_at(std::ptrdiff_t offset) {
    const auto at =
        std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0)), text_.size());
    if (at < counted_) {
      counted_ = 0;
      line_ = 1;
    }
    line_ += static_cast<unsigned>(std::ranges::count(text_.substr(counted_, at - counted_), '\n'));
    counted_ = at;
    return line_;
  }

  XmlElement element_of(const pugi::xml_node& node, unsigned depth) {
    XmlElement element{.name = node.name(), .line = line_at(node.offset_debug())};
    if (depth > deepest) throw XmlMistake{element.line, "its elements are more than 32 deep"};
    if (++elements_ > most_elements)
      throw XmlMistake{element.line, "it has more than 100000 elements"};
    for (const auto& attribute : node.attributes())
      element.attributes.emplace(attribute.name(), attribute.value());
    for (const auto& child : node.children()) {
      if (child.type() == pugi::node_element)
        element.children.push_back(element_of(child, depth + 1));
      else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
        element.text += child.value();
    }
    return element;
  }

  std::string_view text_;
  std::size_t counted_ = 0, elements_ = 0;
  unsigned line_ = 1;
};

}  // namespace

std::variant<XmlElement, XmlMistake> parse_xml(std::string_view text) {
  return Tree(text).run();
}

}  // namespace vifchain::inline edge::inline parse
