// The passes of k-means over rows with bounds.
#include <atomic>

#include "../dispatch.h"
#include "../movement.h"
#include "partitions.h"

namespace gramian {
namespace {

// Rows whose bounds are moved by one worker at a time.
constexpr int64_t bound_rows = 1 << 14;

void movement(const Array& before, const Array& after, const Doubles& table) {
    const auto width = static_cast<int64_t>(table.shape(1));
    const Table old = table_of(before), now = table_of(after);
    nb::gil_scoped_release without_gil;
    measure_movement(old, now, (width - 1) / 2, table.data());
}

int64_t loosen(const Indices& labels, const Doubles& movement, const Floats& upper,
               const Floats& lower, int workers) {
    const Core& core = selected();
    const int64_t n = static_cast<int64_t>(labels.size());
    const auto width = static_cast<int64_t>(movement.shape(1));
    const Movements all(movement.data(), static_cast<int64_t>(movement.shape(0)), (width - 1) / 2);
    std::atomic<int64_t> overlapping{0};
    carry_out(count_tiles(n, {bound_rows, 0}), workers, 0, [&](int64_t tile, void*, Watch&) {
        const int64_t first = tile * bound_rows, left = n - first;
        overlapping += core.move_bounds(all.view(), labels.data() + first,
                                        left < bound_rows ? left : bound_rows,
                                        upper.data() + first, lower.data() + first);
        return Outcome::done;
    });
    return overlapping;
}

Refine refine_job(const Search& search, int64_t rows) {
    Refine job{};
    job.search = search;
    job.part_rows = rows;
    return job;
}

int64_t refine(const Array& x, const Array& y, const Indices& labels, const Floats& upper,
               const Floats& lower, const Weights& weights, const Flags& moved, RowKeeper* kept,
               int64_t part_rows, int workers) {
    const Core& core = selected();
    Refine job = refine_job(search_job(table_of(x), table_of(y), 0, 1), part_rows);
    job.search.index = labels.data();
    job.search.upper = upper.data();
    job.search.lower = lower.data();
    std::vector<double> centre;
    job.search.frame = frame_about(y, true, centre);
    use(kept, job.search);
    job.weights = weights.data();
    job.weight_stride = weights.stride(0);
    job.moved = reinterpret_cast<uint8_t*>(moved.data());
    int64_t changed = 0;
    job.changed = &changed;
    carry_out(count_tiles(job.search.x.rows, {part_rows, 0}), workers, core.refine_bytes(job),
              [&](int64_t part, void* scratch, Watch& watch) {
                  return core.refine(job, part, scratch, watch);
              });
    return changed;
}

PlanOf refine_plan(int64_t features, int64_t columns, bool is_double) {
    Search search = planned_search(features, columns, 1);
    search.x.is_double = is_double;
    search.kept.stride = RowKeeper::bytes(1, features);
    const Core& core = selected();
    const Tiles tiles = core.search_tiles(search);
    // those of two parts, their whole, and the columns that they are of
    const size_t sums = 4 * sizeof(double) * part_size(columns, features);
    return {tiles.rows, tiles.columns, core.refine_bytes(refine_job(search, 0)) + sums};
}

}  // namespace

void add_refinements(nb::module_& m) {
    m.def("movement", &movement, nb::arg("before"), nb::arg("after"), nb::arg("table"),
          "Fill a table (m, 2 levels + 1): how far each column has moved, the radii of balls about "
          "it, the last infinite, and how far at most any other column in each ball has moved.");
    m.def("loosen", &loosen, nb::arg("labels"), nb::arg("movement"), nb::arg("upper"),
          nb::arg("lower"), nb::arg("workers"),
          "Move bounds by a table of movements, and count the rows whose bounds overlap.");
    m.def("refine", &refine, nb::arg("x"), nb::arg("y"), nb::arg("labels"), nb::arg("upper"),
          nb::arg("lower"), nb::arg("weights"), nb::arg("moved"), nb::arg("kept").none(),
          nb::arg("part_rows"), nb::arg("workers"),
          "Search the rows whose bounds overlap, flag the columns that some weight left or "
          "reached, and count the labels that changed.");
    m.def("refine_plan", &refine_plan, nb::arg("features"), nb::arg("columns"),
          nb::arg("is_double"), "Rows of a tile, columns of a chunk, and a worker's bytes.");
}

}  // namespace gramian
