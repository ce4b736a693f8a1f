// SPDX-License-Identifier: Apache-2.0
#include "core/view/layout.hpp"

#include <algorithm>
#include <numeric>

namespace vifchain::inline core::inline view {
namespace {

constexpr double margin = 16, column_gap = 56, box_gap = 14, lane_height = 8;
constexpr int sweeps = 12;

// A box, or the lane of a line that passes a column.
struct Cell {
  std::size_t column = 0;
  double width = 0, height = 0;
  double centre = 0;                               // of its height, in the picture
  std::vector<std::size_t> left = {}, right = {};  // neighbours, in the columns beside
};

using Order = std::vector<std::vector<std::size_t>>;  // cells of each column, top to bottom

std::vector<std::vector<std::size_t>> lowers_of(const Graph& graph) {
  std::vector<std::vector<std::size_t>> lowers(graph.boxes.size());
  for (const auto& line : graph.lines) lowers[line.upper].push_back(line.lower);
  return lowers;
}

// One more than the highest of what it stands on; links never stand on themselves, and where the
// kernel let somebody tie a knot all the same it ends after as many steps as there are boxes.
std::vector<std::size_t> columns_by_height(const Graph& graph) {
  const auto lowers = lowers_of(graph);
  std::vector<std::size_t> columns(graph.boxes.size());
  for (std::size_t round = 0; round < graph.boxes.size(); ++round) {
    bool moved = false;
    for (std::size_t box = 0; box < graph.boxes.size(); ++box)
      for (const auto lower : lowers[box])
        if (columns[box] <= columns[lower] && columns[lower] < graph.boxes.size()) {
          columns[box] = columns[lower] + 1;
          moved = true;
        }
    if (!moved) break;
  }
  return columns;
}

// Bridges that carry no other link are in one column, and guests in the next.
std::vector<std::size_t> columns_of(const Graph& graph) {
  auto columns = columns_by_height(graph);
  std::vector<bool> carries_link(graph.boxes.size());
  std::size_t last = 0;
  for (const auto& line : graph.lines)
    if (graph.boxes[line.upper].role != Role::guest) carries_link[line.lower] = true;
  for (std::size_t box = 0; box < graph.boxes.size(); ++box)
    if (graph.boxes[box].role != Role::guest) last = std::max(last, columns[box]);
  for (std::size_t box = 0; box < graph.boxes.size(); ++box) {
    if (graph.boxes[box].role == Role::bridge && !carries_link[box]) columns[box] = last;
    if (graph.boxes[box].role == Role::guest) columns[box] = last + 1;
  }
  return columns;
}

class GraphDrawing {
 public:
  GraphDrawing(const Graph& graph, const std::vector<Size>& sizes) : graph_(graph) {
    const auto columns = columns_of(graph);
    for (std::size_t box = 0; box < graph.boxes.size(); ++box)
      cells_.push_back({columns[box], sizes[box].width, sizes[box].height});
    for (const auto& line : graph.lines) add_line(line);
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) put_into_column(cell);
  }

  Layout run() {
    for (int sweep = 0; sweep < sweeps; ++sweep) sort_columns(sweep % 2 == 0);
    for (int sweep = 0; sweep < sweeps; ++sweep) move_columns(sweep % 2 == 0);
    return finished();
  }

 private:
  void add_line(const Stands& line) {
    std::vector<std::size_t> way{line.lower};
    for (auto column = cells_[line.lower].column + 1; column < cells_[line.upper].column;
         ++column) {
      way.push_back(cells_.size());
      cells_.push_back({column, 0, lane_height});
    }
    way.push_back(line.upper);
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
      cells_[way[i]].right.push_back(way[i + 1]);
      cells_[way[i + 1]].left.push_back(way[i]);
    }
    ways_.push_back(std::move(way));
  }

  void put_into_column(std::size_t cell) {
    const auto column = cells_[cell].column;
    if (order_.size() <= column) order_.resize(column + 1);
    order_[column].push_back(cell);
  }

  // Neighbours on one side, their mean position; where it has none, where it is.
  [[nodiscard]] double pull(const Cell& cell, bool to_the_left, double own) const {
    const auto& neighbours = to_the_left ? cell.left : cell.right;
    if (neighbours.empty()) return own;
    double sum = 0;
    for (const auto neighbour : neighbours) sum += cells_[neighbour].centre;
    return sum / static_cast<double>(neighbours.size());
  }

  void sort_columns(bool rightwards) {
    for (auto& column : order_)
      for (std::size_t i = 0; i < column.size(); ++i)
        cells_[column[i]].centre = static_cast<double>(i) / static_cast<double>(column.size());
    for (std::size_t i = 0; i < order_.size(); ++i) {
      auto& column = order_[rightwards ? i : order_.size() - 1 - i];
      std::vector<double> pulls(cells_.size());
      for (const auto cell : column)
        pulls[cell] = pull(cells_[cell], rightwards, cells_[cell].centre);
      std::ranges::stable_sort(column, {}, [&](std::size_t cell) { return pulls[cell]; });
      for (std::size_t k = 0; k < column.size(); ++k)
        cells_[column[k]].centre = static_cast<double>(k) / static_cast<double>(column.size());
    }
  }

  [[nodiscard]] double distance(std::size_t upper, std::size_t lower) const {
    return (cells_[upper].height + cells_[lower].height) / 2 + box_gap;
  }

  void move_columns(bool rightwards) {
    if (!stacked_) stack();
    for (std::size_t i = 0; i < order_.size(); ++i)
      settle(order_[rightwards ? i : order_.size() - 1 - i], rightwards);
  }

  void stack() {
    for (const auto& column : order_)
      for (std::size_t i = 0; i < column.size(); ++i)
        cells_[column[i]].centre =
            i == 0 ? 0 : cells_[column[i - 1]].centre + distance(column[i - 1], column[i]);
    stacked_ = true;
  }

  // Every cell as near as possible to where it is pulled, without changing places: positions less
  // the distances before them must not fall, and those that do are pooled and share their mean
  // (isotonic regression by pooling adjacent violators).
  void settle(const std::vector<std::size_t>& column, bool to_the_left) {
    struct Pool {
      double sum;
      std::size_t count;
      [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<Pool> pools;
    std::vector<double> before(column.size());
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (i > 0) before[i] = before[i - 1] + distance(column[i - 1], column[i]);
      const Cell& cell = cells_[column[i]];
      pools.push_back({pull(cell, to_the_left, cell.centre) - before[i], 1});
      while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
        const Pool last = pools.back();
        pools.pop_back();
        pools.back().sum += last.sum;
        pools.back().count += last.count;
      }
    }
    std::size_t i = 0;
    for (const auto& pool : pools)
      for (std::size_t k = 0; k < pool.count; ++k, ++i)
        cells_[column[i]].centre = pool.mean() + before[i];
  }

  [[nodiscard]] Layout finished() {
    double top = 0, bottom = 0;
    for (const auto& cell : cells_) {
      top = std::min(top, cell.centre - cell.height / 2);
      bottom = std::max(bottom, cell.centre + cell.height / 2);
    }
    for (auto& cell : cells_) cell.centre += margin - top;
    const auto lefts = left_edges();
    Layout layout;
    for (std::size_t box = 0; box < graph_.boxes.size(); ++box) {
      const Cell& cell = cells_[box];
      layout.boxes.push_back(
          {{lefts[cell.column], cell.centre - cell.height / 2}, widths_[cell.column], cell.height});
    }
    for (const auto& way : ways_) layout.lines.push_back(points(way, lefts));
    layout.width = lefts.empty() ? 2 * margin : lefts.back() + widths_.back() + margin;
    layout.height = bottom - top + 2 * margin;
    return layout;
  }

  // All boxes of a column are as wide as the widest.
  std::vector<double> left_edges() {
    widths_.assign(order_.size(), 0);
    for (const auto& cell : cells_)
      widths_[cell.column] = std::max(widths_[cell.column], cell.width);
    std::vector<double> lefts;
    for (std::size_t i = 0; i < widths_.size(); ++i)
      lefts.push_back(i == 0 ? margin : lefts.back() + widths_[i - 1] + column_gap);
    return lefts;
  }

  [[nodiscard]] std::vector<Point> points(const std::vector<std::size_t>& way,
                                          const std::vector<double>& lefts) const {
    std::vector<Point> all;
    for (std::size_t i = 0; i < way.size(); ++i) {
      const Cell& cell = cells_[way[i]];
      if (i > 0) all.push_back({lefts[cell.column], cell.centre});
      if (i + 1 < way.size())
        all.push_back({lefts[cell.column] + widths_[cell.column], cell.centre});
    }
    return all;
  }

  const Graph& graph_;
  std::vector<Cell> cells_;                     // the boxes first, as in the graph
  std::vector<std::vector<std::size_t>> ways_;  // of each line, the cells it passes
  Order order_;
  std::vector<double> widths_;  // of each column
  bool stacked_ = false;
};

}  // namespace

Layout lay_out(const Graph& graph, const std::vector<Size>& sizes) {
  return GraphDrawing(graph, sizes).run();
}

}  // namespace vifchain::inline core::inline view
