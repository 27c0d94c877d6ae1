// The passes of k-means and of its seeding.
#include "arrays.h"
#include "../bounds.h"
#include "../dispatch.h"
#include "../kept_rows.h"
#include "../parts.h"

#include <atomic>
#include <optional>

namespace gramian {
namespace {

using Floats = nb::ndarray<float, nb::device::cpu, nb::ndim<1>, nb::c_contig>;
using Flags = nb::ndarray<bool, nb::device::cpu, nb::ndim<1>, nb::c_contig>;

// Sums, mass and comings and goings of every column, (m, d + 2) doubles one after the other, and at
// the end the number of labels that changed.
size_t part_size(int64_t m, int64_t d) { return static_cast<size_t>(m * (d + 2)) + 1; }

// Rows, the columns that labels name, and weights.
Assign labelled_job(const Array& x, const Array& y, const Indices& labels, const Weights& weights) {
    Assign job{};
    job.search = search_job(table_of(x), table_of(y), 0, 1);
    job.search.index = labels.data();
    job.weights = weights.data();
    job.weight_stride = weights.stride(0);
    return job;
}

bool run_assign(const Assign& job, const Doubles& sums, int workers) {
    const Core& core = selected();
    const int64_t m = job.search.y.rows, d = job.search.y.features;
    Parts parts(workers, part_size(m, d), sums.data());
    return carry_out(count_tiles(job.search.x.rows, core.assign_tiles(job)), workers,
                     core.assign_bytes(job), [&](int64_t part, void* scratch, Watch& watch) {
                         return parts.run(part, watch, [&](double* numbers) {
                             double* mass = numbers + m * d;
                             PartSums held{numbers, mass, mass + m, mass + 2 * m};
                             return core.assign(job, part, held, scratch, watch);
                         });
                     });
}

// Has the search go by the rows' records and in their frame, where they are kept.
void use(RowKeeper* rows, Search& job) {
    if (!rows) return;
    job.frame = rows->frame(job.frame);
    job.kept = rows->view();
}

bool assign(const Array& x, const Array& y, const Array& about, const Indices& labels,
            const std::optional<Doubles>& squared, const std::optional<Floats>& upper,
            const std::optional<Floats>& lower, const Weights& weights, const Doubles& sums,
            RowKeeper* kept, int workers) {
    Assign job = labelled_job(x, y, labels, weights);
    job.search.distance = squared ? squared->data() : nullptr;
    job.search.upper = upper ? upper->data() : nullptr;
    job.search.lower = lower ? lower->data() : nullptr;
    std::vector<double> centre;
    job.search.frame = frame_about(about, true, centre);
    use(kept, job.search);
    const VoronoiGrid cells = voronoi_grid(job.search, workers);
    job.search.regions = cells.regions();
    return run_assign(job, sums, workers);
}

void add_up(const Array& x, const Array& y, const Indices& labels, const Flags& wanted,
            const std::optional<Doubles>& squared, const Weights& weights, const Doubles& sums,
            int workers) {
    Assign job = labelled_job(x, y, labels, weights);
    job.search.distance = squared ? squared->data() : nullptr;
    job.wanted = wanted.data();
    run_assign(job, sums, workers);
}

double inertia(const Array& x, const Array& y, const Indices& labels, const Weights& weights,
               int workers) {
    const Assign job = labelled_job(x, y, labels, weights);
    const Core& core = selected();
    double total = 0.0;
    Parts parts(workers, 1, &total);
    carry_out(count_tiles(job.search.x.rows, core.assign_tiles(job)), workers, 0,
              [&](int64_t part, void*, Watch& watch) {
                  return parts.run(part, watch, [&](double* number) {
                      return core.inertia(job, part, number, watch);
                  });
              });
    return total;
}

// Rows whose bounds are moved by one worker at a time.
constexpr int64_t bound_rows = 1 << 14;

int64_t loosen(const Indices& labels, const Doubles& movement, const Floats& upper,
               const Floats& lower, int workers) {
    const int64_t n = static_cast<int64_t>(labels.size());
    const Movement table{movement.data(), (static_cast<int64_t>(movement.shape(1)) - 1) / 2};
    std::atomic<int64_t> overlapping{0};
    carry_out(count_tiles(n, {bound_rows, 0}), workers, 0, [&](int64_t tile, void*, Watch&) {
        const int64_t first = tile * bound_rows, left = n - first;
        overlapping += move_bounds(labels.data() + first, left < bound_rows ? left : bound_rows,
                                   table, upper.data() + first, lower.data() + first);
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
    Search search = search_job({}, {}, 0, 1);
    search.x.features = features;
    search.x.is_double = is_double;
    search.kept.stride = RowKeeper::bytes(1, features);
    const Core& core = selected();
    const Tiles tiles = core.search_tiles(search);
    const size_t sums = 2 * sizeof(double) * part_size(columns, features);
    return {tiles.rows, tiles.columns, core.refine_bytes(refine_job(search, 0)) + sums};
}

PlanOf assign_plan(int64_t features, int64_t columns) {
    Assign job{};
    job.search = search_job({}, {}, 0, 1);
    job.search.x.features = features;
    const Core& core = selected();
    const Tiles tiles = core.assign_tiles(job);
    return {tiles.rows, tiles.columns,
            core.assign_bytes(job) + 2 * sizeof(double) * part_size(columns, features)};
}

void potential(const Array& x, const Array& y, double scale, const Weights& weights,
               const Array& closest, const Output& squared, const Doubles& total, int workers) {
    const Core& core = selected();
    Potential job{};
    job.x = table_of(x);
    job.y = table_of(y);
    job.scale = scale;
    job.weights = weights.data();
    job.weight_stride = weights.stride(0);
    job.closest = closest.data();
    job.squared = squared.data();
    Parts parts(workers, static_cast<size_t>(job.y.rows), total.data());
    carry_out(count_tiles(job.x.rows, core.potential_tiles(job)), workers,
              core.potential_bytes(job), [&](int64_t part, void* scratch, Watch& watch) {
                  return parts.run(part, watch, [&](double* sums) {
                      return core.potential(job, part, sums, scratch, watch);
                  });
              });
}

PlanOf potential_plan(int64_t features, int64_t points, bool is_double) {
    Potential job{};
    job.x.features = features;
    job.x.is_double = is_double;
    job.y.rows = points;
    const Core& core = selected();
    const Tiles tiles = core.potential_tiles(job);
    return {tiles.rows, tiles.columns,
            core.potential_bytes(job) + 2 * sizeof(double) * static_cast<size_t>(points)};
}

}  // namespace

void add_partitions(nb::module_& m) {
    m.def("rounding_pays", [](int64_t features, int64_t columns) {
        return selected().rough == Rough::bytes && rough_pays(Rough::bytes, features, columns);
    }, nb::arg("features"), nb::arg("columns"), "Whether searches round rows to bytes first.");
    nb::class_<RowKeeper>(m, "KeptRows", "Rows of a table (n, d), rounded once for many searches.")
        .def(nb::init<int64_t, int64_t>(), nb::arg("rows"), nb::arg("features"))
        .def_static("bytes", &RowKeeper::bytes, nb::arg("rows"), nb::arg("features"),
                    "The memory that so many rows take.");
    m.def("assign", &assign, nb::arg("x"), nb::arg("y"), nb::arg("about"), nb::arg("labels"),
          nb::arg("squared").none(), nb::arg("upper").none(), nb::arg("lower").none(),
          nb::arg("weights"), nb::arg("sums"), nb::arg("kept").none(), nb::arg("workers"),
          "Replace labels (n,) by the nearest columns, fill squared (n,) with their squared "
          "distances, upper and lower (n,) with bounds of the distances to them and to all others, "
          "and add up in sums, m (d + 2) + 1 numbers: the rows of each column, measured from it "
          "and weighted, then their weights, how many came or went, and the number of labels that "
          "changed; False if x is not finite.");
    m.def("add_up", &add_up, nb::arg("x"), nb::arg("y"), nb::arg("labels"), nb::arg("wanted"),
          nb::arg("squared").none(), nb::arg("weights"), nb::arg("sums"), nb::arg("workers"),
          "The same sums for labels that stay as they are, of the wanted columns (m,) alone.");
    m.def("inertia", &inertia, nb::arg("x"), nb::arg("y"), nb::arg("labels"), nb::arg("weights"),
          nb::arg("workers"),
          "The sum of the rows' squared distances to their columns, times their weights.");
    m.def("loosen", &loosen, nb::arg("labels"), nb::arg("movement"), nb::arg("upper"),
          nb::arg("lower"), nb::arg("workers"),
          "Move bounds by movement (m, 2 levels + 1), and count the rows whose bounds overlap.");
    m.def("refine", &refine, nb::arg("x"), nb::arg("y"), nb::arg("labels"), nb::arg("upper"),
          nb::arg("lower"), nb::arg("weights"), nb::arg("moved"), nb::arg("kept").none(),
          nb::arg("part_rows"), nb::arg("workers"),
          "Search the rows whose bounds overlap, flag the columns that some weight left or "
          "reached, and count the labels that changed.");
    m.def("refine_plan", &refine_plan, nb::arg("features"), nb::arg("columns"),
          nb::arg("is_double"), "Rows of a tile, columns of a chunk, and a worker's bytes.");
    m.def("assign_plan", &assign_plan, nb::arg("features"), nb::arg("columns"),
          "Rows of a part, columns of a chunk, and the bytes that one worker needs.");
    m.def("potential", &potential, nb::arg("x"), nb::arg("y"), nb::arg("scale"),
          nb::arg("weights"), nb::arg("closest"), nb::arg("squared"), nb::arg("total"),
          nb::arg("workers"),
          "Fill squared (points, n) with squared distances times scale^2, and add to total "
          "(points,) the weighted sums of what is less of them and closest (n,).");
    m.def("potential_plan", &potential_plan, nb::arg("features"), nb::arg("points"),
          nb::arg("is_double"),
          "Rows of a part, points, and the bytes that one worker needs.");
}

}  // namespace gramian
