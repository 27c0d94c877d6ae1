// Sums over the rows of balls, for mean shift.
#include "arrays.h"
#include "../shift/cells.h"

#include <algorithm>

namespace gramian {
namespace {

using Rows64 = nb::ndarray<const double, nb::ndim<2>, nb::device::cpu, nb::c_contig>;
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
    const BallCore& core = selected_balls();
    carry_out(count_tiles(job.n, {positions_per_tile, 0}), workers, 0,
              [&](int64_t tile, void*, Watch& watch) { return core.balls(job, tile, watch); });
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
}

}  // namespace gramian
