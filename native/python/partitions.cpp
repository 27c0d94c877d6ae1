// The passes of k-means and of its seeding.
#include "partitions.h"

#include <optional>

#include "../dispatch.h"
#include "../parts.h"
#include "../wanted_columns.h"

namespace gramian {
namespace {

// Rows, the columns that labels name, and weights.
Assign labelled_job(const Array& x, const Array& y, const Indices& labels, const Weights& weights) {
    Assign job{};
    job.search = search_job(table_of(x), table_of(y), 0, 1);
    job.search.index = labels.data();
    job.columns = job.search.y;
    job.weights = weights.data();
    job.weight_stride = weights.stride(0);
    return job;
}

bool run_assign(const Assign& job, double* sums, int workers) {
    const Core& core = selected();
    const int64_t m = job.columns.rows, d = job.columns.features;
    Parts parts(workers, part_size(m, d), sums);
    return carry_out(count_tiles(job.search.x.rows, core.assign_tiles(job)), workers,
                     core.assign_bytes(job), [&](int64_t part, void* scratch, Watch& watch) {
                         return parts.run(part, watch, [&](double* numbers) {
                             double* mass = numbers + m * d;
                             PartSums held{numbers, mass, mass + m, mass + 2 * m};
                             return core.assign(job, part, held, scratch, watch);
                         });
                     });
}

bool assign(const Array& x, const Array& y, const Array& about, const Indices& labels,
            bool is_first, const std::optional<Doubles>& squared, const std::optional<Floats>& upper,
            const std::optional<Floats>& lower, const Weights& weights, const Doubles& sums,
            RowKeeper* kept, int workers) {
    Assign job = labelled_job(x, y, labels, weights);
    job.is_first = is_first;
    job.search.distance = squared ? squared->data() : nullptr;
    job.search.upper = upper ? upper->data() : nullptr;
    job.search.lower = lower ? lower->data() : nullptr;
    std::vector<double> centre;
    job.search.frame = frame_about(about, true, centre);
    use(kept, job.search);
    const VoronoiGrid cells = voronoi_grid(job.search, workers);
    job.search.regions = cells.regions();
    return run_assign(job, sums.data(), workers);
}

void add_up(const Array& x, const Array& y, const Indices& labels, const Flags& wanted,
            const std::optional<Doubles>& squared, const Weights& weights, const Doubles& sums,
            int workers) {
    Assign job = labelled_job(x, y, labels, weights);
    job.search.distance = squared ? squared->data() : nullptr;
    const WantedColumns columns(job.search.y, wanted.data());
    job.columns = columns.table();
    job.place = columns.place();
    std::vector<double> added(part_size(job.columns.rows, job.columns.features));
    run_assign(job, added.data(), workers);
    columns.put_back(added.data(), sums.data());
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

PlanOf assign_plan(int64_t features, int64_t columns) {
    Assign job{};
    job.search = planned_search(features, columns, 1);
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
          nb::arg("is_first"), nb::arg("squared").none(), nb::arg("upper").none(), nb::arg("lower").none(),
          nb::arg("weights"), nb::arg("sums"), nb::arg("kept").none(), nb::arg("workers"),
          "Replace labels (n,), which count for nothing in a first pass, by the nearest columns, fill squared (n,) with their squared "
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
