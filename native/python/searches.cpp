// Nearest columns.
#include "arrays.h"
#include "../dispatch.h"
#include "../pieces.h"

#include <algorithm>
#include <optional>

namespace gramian {
namespace {

// Neighbouring tiles that are one task: few enough that all workers end together, and where there
// are many so many that two workers seldom write to the same page of memory.
int64_t tiles_of_task(int64_t tiles, int workers) {
    constexpr int64_t most = 8, turns = 32;
    return std::clamp(tiles / (workers * turns), int64_t{1}, most);
}

bool search(const Array& x, const Array& y, int form, int64_t k, const Array& about,
            const Indices& index, const std::optional<Doubles>& distance, int workers) {
    const Core& core = selected();
    Search job = search_job(table_of(x), table_of(y), form, k);
    job.index = index.data();
    job.distance = distance ? distance->data() : nullptr;
    std::vector<double> centre;
    job.frame = frame_about(about, job.form == Form::squared_euclidean, centre);
    const Tiles grid = core.search_tiles(job);
    const int64_t tiles = count_tiles(job.x.rows, grid);
    const int64_t chunks = (job.y.rows + grid.columns - 1) / grid.columns;
    const int64_t count = std::min(chunks, (workers + tiles - 1) / tiles);
    if (count < 2) {
        const VoronoiGrid cells = voronoi_grid(job, workers);
        job.regions = cells.regions();
        const int64_t each = tiles_of_task(tiles, workers);
        return carry_out((tiles + each - 1) / each, workers, core.search_bytes(job),
                         [&](int64_t task, void* scratch, Watch& watch) {
                             const int64_t end = std::min((task + 1) * each, tiles);
                             Outcome outcome = Outcome::done;
                             for (int64_t tile = task * each;
                                  tile < end && outcome == Outcome::done; ++tile) {
                                 outcome = core.search(job, tile, scratch, watch);
                             }
                             return outcome;
                         });
    }
    const Pieces pieces(job, count, grid.columns);
    const bool finite = carry_out(tiles * count, workers, core.search_bytes(job),
                                  [&](int64_t task, void* scratch, Watch& watch) {
                                      return core.search(pieces[task % count], task / count,
                                                         scratch, watch);
                                  });
    if (finite) pieces.merge();
    return finite;
}

// The grid of cells that a search for the nearest column would look rows up in: its side, where it
// begins and how many cells a unit has, by feature, and the cells' columns.
using Grid = std::tuple<int64_t, std::vector<double>, std::vector<double>, std::vector<int>>;

std::optional<Grid> regions(const Array& x, const Array& y, int workers) {
    Search job = search_job(table_of(x), table_of(y), 0, 1);
    std::vector<double> centre;
    job.frame = frame_about(y, true, centre);
    const VoronoiGrid grid = voronoi_grid(job, workers);
    const Regions* const found = grid.regions();
    if (!found) return std::nullopt;
    const int64_t d = job.x.features, cells = d == 1 ? found->side : found->side * found->side;
    return Grid{found->side, {found->low, found->low + d}, {found->per, found->per + d},
                {found->column, found->column + cells}};
}

PlanOf search_plan(int64_t features, int64_t columns, int64_t k) {
    const Search job = planned_search(features, columns, k);
    const Core& core = selected();
    const Tiles tiles = core.search_tiles(job);
    return {tiles.rows, tiles.columns, core.search_bytes(job)};
}

}  // namespace

void add_searches(nb::module_& m) {
    m.def("search", &search, nb::arg("x"), nb::arg("y"), nb::arg("form"), nb::arg("k"),
          nb::arg("about"), nb::arg("index"), nb::arg("distance").none(), nb::arg("workers"),
          "Fill index (n, k) and distance (n, k) with the k nearest columns of each row; "
          "False if x is not finite.");
    m.def("regions", &regions, nb::arg("x"), nb::arg("y"), nb::arg("workers"),
          "The grid that rows are looked up in: cells of a side, where it begins and cells of a "
          "unit by feature, and the column that is nearest in each cell, or -1; None without one.");
    m.def("search_plan", &search_plan, nb::arg("features"), nb::arg("columns"), nb::arg("k"),
          "Rows of a tile, columns of a chunk, and the bytes that one worker needs.");
}

}  // namespace gramian
