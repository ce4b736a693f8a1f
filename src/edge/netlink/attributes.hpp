// SPDX-License-Identifier: Apache-2.0
// Netlink attributes written and read by their C++ type, on libnl's nla_ functions.
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>

#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline netlink {

inline void put_bytes(nl_msg& message, int attribute, const void* bytes, std::size_t size) {
  if (nla_put(&message, attribute, static_cast<int>(size), bytes) < 0)
    throw Error(EMSGSIZE, "writing a rtnetlink request");
}

template <typename Plain>
void put(nl_msg& message, int attribute, const Plain& value) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  put_bytes(message, attribute, &value, sizeof value);
}

// Strings carry their terminating zero (NLA_NUL_STRING).
inline void put_text(nl_msg& message, int attribute, const std::string& text) {
  put_bytes(message, attribute, text.c_str(), text.size() + 1);
}

// From its construction to its destruction, what is put into the message goes into this nest. An
// empty nest stays: it is how a list is emptied.
class Nest {
 public:
  Nest(nl_msg& message, int attribute)
      : message_(message), start_(nla_nest_start(&message, attribute)) {
    if (start_ == nullptr) throw Error(EMSGSIZE, "writing a rtnetlink request");
  }
  ~Nest() { nla_nest_end_keep_empty(&message_, start_); }
  Nest(const Nest&) = delete;
  Nest& operator=(const Nest&) = delete;

 private:
  nl_msg& message_;
  nlattr* start_;
};

// The payload as a `Plain`; nothing when the attribute is absent or too short for one.
template <typename Plain>
std::optional<Plain> get(const nlattr* attribute) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  if (attribute == nullptr || nla_len(attribute) < static_cast<int>(sizeof(Plain))) return {};
  Plain value;
  std::memcpy(&value, nla_data(attribute), sizeof value);
  return value;
}

// The payload up to its terminating zero; empty when the attribute is absent.
inline std::string get_text(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  const auto* text = static_cast<const char*>(nla_data(attribute));
  return {text, strnlen(text, static_cast<std::size_t>(nla_len(attribute)))};
}

// Calls `visit` with every whole attribute of `size` bytes. A host's links have a hundred thousand:
// to call libnl for each takes longer than all the rest.
template <typename Visit>
void for_each_attribute(const void* bytes, int size, const Visit& visit) {
  const auto* at = static_cast<const char*>(bytes);
  while (size >= NLA_HDRLEN) {
    const auto& entry = *reinterpret_cast<const nlattr*>(at);
    if (entry.nla_len < NLA_HDRLEN || entry.nla_len > size) return;
    visit(entry);
    at += NLA_ALIGN(entry.nla_len);
    size -= NLA_ALIGN(entry.nla_len);
  }
}

// The same with the attributes of a nest; with none when the nest is absent.
template <typename Visit>
void for_each_attribute(const nlattr* nest, const Visit& visit) {
  if (nest != nullptr) for_each_attribute(nla_data(nest), nla_len(nest), visit);
}

// The attributes of a nest or of a message by number, up to `Highest`; null where there is none.
template <int Highest>
class Attributes {
 public:
  explicit Attributes(const nlattr* nest) {
    if (nest != nullptr) parse(nla_data(nest), nla_len(nest));
  }
  Attributes(const nlmsghdr& message, std::size_t header_size) {
    const auto size = static_cast<int>(header_size);
    parse(nlmsg_attrdata(&message, size), nlmsg_attrlen(&message, size));
  }
  const nlattr* operator[](int attribute) const {
    return table_.at(static_cast<std::size_t>(attribute));
  }

 private:
  // Of two of a kind the last one counts, as in nla_parse.
  void parse(const void* bytes, int size) {
    for_each_attribute(bytes, size, [&](const nlattr& entry) {
      const auto type = static_cast<std::size_t>(entry.nla_type & NLA_TYPE_MASK);
      if (type < table_.size()) table_[type] = &entry;
    });
  }

  std::array<const nlattr*, Highest + 1> table_{};
};

}  // namespace vifchain::inline edge::inline netlink
