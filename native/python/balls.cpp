// Sums over the rows about a position, for mean shift.
#include "arrays.h"
#include "../shift/cells.h"

#include <algorithm>

namespace gramian {
namespace {

using Keys = nb::ndarray<const int64_t, nb::ndim<1>, nb::device::cpu, nb::c_contig>;

Cells cells_of(const Rows64& rows, const std::vector<double>& low,
               const std::vector<int64_t>& extent, const std::tuple<double, double, double>& sides,
               const Keys& keys, const Keys& starts, const Keys& directory, int shift) {
    Cells cells{};
    cells.features = static_cast<int64_t>(rows.shape(0));
    if (cells.features > most_cell_features) {
        throw nb::value_error("_native.balls: rows have more features than cells are made for.");
    }
    cells.apart = static_cast<int64_t>(rows.shape(1));
    cells.rows = rows.data();
    std::copy(low.begin(), low.end(), cells.low);
    std::copy(extent.begin(), extent.end(), cells.extent);
    std::tie(cells.side, cells.per_side, cells.slack) = sides;
    cells.keys = keys.data();
    cells.starts = starts.data();
    cells.count = static_cast<int64_t>(keys.shape(0));
    cells.directory = directory.data();
    cells.shift = shift;
    return cells;
}

void balls(const Rows64& rows, const std::vector<double>& low, const std::vector<int64_t>& extent,
           const std::tuple<double, double, double>& sides, const Keys& keys, const Keys& starts,
           const Keys& directory, int shift, int window, double radius, double reach, double rate,
           const Rows64& values, const Rows64& positions, const Doubles& sums, int workers) {
    Balls job{};
    job.cells = cells_of(rows, low, extent, sides, keys, starts, directory, shift);
    job.window = static_cast<Window>(window);
    job.radius = radius;
    job.reach = reach;
    job.rate = rate;
    job.values = values.data();
    job.columns = static_cast<int64_t>(values.shape(0));
    job.positions = positions.data();
    job.n = static_cast<int64_t>(positions.shape(0));
    job.sums = sums.data();
    const ShiftCore& core = selected_shift();
    carry_out(count_tiles(job.n, {positions_per_tile, 0}), workers, 0,
              [&](int64_t tile, void*, Watch& watch) { return core.balls(job, tile, watch); });
}

Field field_of(const std::vector<double>& low, double side, const std::vector<int64_t>& extent,
               const Rows64& places) {
    Field field{};
    std::copy_n(low.begin(), 2, field.low);
    std::copy_n(extent.begin(), 2, field.extent);
    field.side = side;
    field.places = places.data();
    field.n = static_cast<int64_t>(places.shape(0));
    return field;
}

void field_moments(const std::vector<double>& low, double side, const std::vector<int64_t>& extent,
                   const Rows64& rows, const Numbers& weights, const Keys& starts,
                   const Doubles& tables, int workers) {
    Field field = field_of(low, side, extent, rows);
    field.weights = weights.data();
    field.starts = starts.data();
    field.tables = tables.data();
    const ShiftCore& core = selected_shift();
    carry_out(field.extent[0], workers, 0, [&](int64_t tile, void*, Watch& watch) {
        return core.moments(field, tile, watch);
    });
}

void field_values(const std::vector<double>& low, double side, const std::vector<int64_t>& extent,
                  const Rows64& positions, const Doubles& tables, const Doubles& sums,
                  int workers) {
    Field field = field_of(low, side, extent, positions);
    field.tables = tables.data();
    field.sums = sums.data();
    const ShiftCore& core = selected_shift();
    carry_out(count_tiles(field.n, {positions_per_tile, 0}), workers, 0,
              [&](int64_t tile, void*, Watch& watch) { return core.evaluate(field, tile, watch); });
}

}  // namespace

void add_balls(nb::module_& m) {
    m.def("balls", &balls, nb::arg("rows"), nb::arg("low"), nb::arg("extent"), nb::arg("sides"),
          nb::arg("keys"), nb::arg("starts"), nb::arg("directory"), nb::arg("shift"),
          nb::arg("window"), nb::arg("radius"), nb::arg("reach"), nb::arg("rate"),
          nb::arg("values"), nb::arg("positions"), nb::arg("sums"), nb::arg("workers"),
          "Fill sums with those over the rows (features, apart) within the radius of each "
          "position: of the columns whose running totals are values (columns, apart), or, for the "
          "windows that fall with the distance, of weights values (1, apart) and weighted gaps.");
    m.def("field_moments", &field_moments, nb::arg("low"), nb::arg("side"), nb::arg("extent"),
          nb::arg("rows"), nb::arg("weights"), nb::arg("starts"), nb::arg("tables"),
          nb::arg("workers"),
          "Add to tables (squares, 16, 16) the Chebyshev moments of the rows (n, 2) of each "
          "square, which are sorted by square.");
    m.def("field_values", &field_values, nb::arg("low"), nb::arg("side"), nb::arg("extent"),
          nb::arg("positions"), nb::arg("tables"), nb::arg("sums"), nb::arg("workers"),
          "Fill sums (s, 3) with the values at positions (s, 2) of the polynomials whose Chebyshev "
          "coefficients are tables (squares, 16, 16), and their slopes per half a side; zeros "
          "outside the squares.");
}

}  // namespace gramian
