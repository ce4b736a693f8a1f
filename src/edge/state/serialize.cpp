// SPDX-License-Identifier: Apache-2.0
#include "edge/state/serialize.hpp"

#include <cstring>

#include "edge/state/link_members.hpp"

namespace vifchain::inline edge::inline state {
namespace {

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;
template <class T>
concept Map = requires {
  typename T::mapped_type;
};

// Written and read on one machine by one program, so numbers lie there as in memory.
class Writer {
 public:
  std::string bytes;

  void operator()(const char* /*member*/, const auto& value) { put(value); }

  template <Structured T>
  void put(const T& value) {
    members(*this, value);
  }

 private:
  void put(Number auto number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes += text;
  }
  void put(const LinkName& name) { put(name.str()); }
  void put(const VlanId& id) { put(id.number()); }
  void put(const Mac& mac) { put(std::string(mac.bytes.begin(), mac.bytes.end())); }
  void put(const IpAddress& address) {
    put(address.v6);
    put(std::string(address.bytes.begin(), address.bytes.end()));
  }
  template <class T>
  void put(const std::optional<T>& maybe) {
    put(maybe.has_value());
    if (maybe) put(*maybe);
  }
  template <class T>
  void put(const std::vector<T>& all) {
    put(static_cast<std::uint32_t>(all.size()));
    for (const auto& one : all) put(one);
  }
  template <Map T>
  void put(const T& all) {
    put(static_cast<std::uint32_t>(all.size()));
    for (const auto& [key, value] : all) {
      put(key);
      put(value);
    }
  }
  template <class... T>
  void put(const std::variant<T...>& value) {
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([&](const auto& v) { put(v); }, value);
  }
};

// Thrown inside decode() alone, when the bytes end early or make no sense.
struct Nonsense {};

template <class T>
T sound(std::optional<T> value) {
  if (!value) throw Nonsense{};
  return std::move(*value);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  void operator()(const char* /*member*/, auto& into) { take(into); }

  template <class T>
  T get() {
    T value = fresh<T>();
    take(value);
    return value;
  }

 private:
  std::string_view bytes(std::size_t size) {
    if (size > rest_.size()) throw Nonsense{};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <Structured T>
  void take(T& into) {
    members(*this, into);
  }
  void take(Number auto& into) { std::memcpy(&into, bytes(sizeof into).data(), sizeof into); }
  void take(bool& into) { into = get<std::uint8_t>() != 0; }
  void take(Option& into) { into = up_to<Option>(option_count - 1); }
  void take(Antispoof& into) {
    into = up_to<Antispoof>(static_cast<std::uint8_t>(Antispoof::closed));
  }
  template <class Enum>
  Enum up_to(std::size_t last) {
    const auto number = get<std::uint8_t>();
    if (number > last) throw Nonsense{};
    return static_cast<Enum>(number);
  }
  void take(std::string& into) { into = bytes(get<std::uint32_t>()); }
  void take(LinkName& into) { into = sound(LinkName::parse(get<std::string>())); }
  void take(VlanId& into) { into = sound(VlanId::from(get<std::uint16_t>())); }
  void take(Mac& into) { fill(into.bytes); }
  void take(IpAddress& into) {
    take(into.v6);
    fill(into.bytes);
  }
  template <std::size_t size>
  void fill(std::array<std::uint8_t, size>& into) {
    const auto text = get<std::string>();
    if (text.size() != size) throw Nonsense{};
    std::memcpy(into.data(), text.data(), size);
  }
  template <class T>
  void take(std::optional<T>& into) {
    if (get<bool>()) into = get<T>();
  }
  template <class T>
  void take(std::vector<T>& into) {
    for (auto left = get<std::uint32_t>(); left > 0; --left) into.push_back(get<T>());
  }
  template <Map T>
  void take(T& into) {
    for (auto left = get<std::uint32_t>(); left > 0; --left) {
      auto key = get<typename T::key_type>();
      into.emplace(std::move(key), get<typename T::mapped_type>());
    }
  }
  template <class... T>
  void take(std::variant<T...>& into) {
    const auto index = get<std::uint8_t>();
    const auto take_if = [&]<class One>(std::size_t at) {
      if (index == at) into = get<One>();
      return index == at;
    };
    std::size_t at = 0;
    if (!(take_if.template operator()<T>(at++) || ...)) throw Nonsense{};
  }

  std::string_view rest_;
};

}  // namespace

std::string encode(const Chain& chain) {
  Writer writer;
  writer.put(chain);
  return std::move(writer.bytes);
}

std::optional<Chain> decode(std::string_view bytes) {
  try {
    Reader reader(bytes);
    auto chain = reader.get<Chain>();
    if (!reader.at_end() || !chain.links.contains(chain.bridge)) return std::nullopt;
    return chain;
  } catch (const Nonsense&) {
    return std::nullopt;
  }
}

}  // namespace vifchain::inline edge::inline state
