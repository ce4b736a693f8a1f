// SPDX-License-Identifier: Apache-2.0
// What most commands include and what takes longest to read, compiled once (meson.build).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>
