// The passes of k-means and of its seeding.
#include "arrays.h"
#include "../dispatch.h"
#include "../parts.h"

#include <optional>

namespace gramian {
namespace {

// Sums and mass of every column, (m, d + 1) doubles one after the other, and at the end the number
// of labels that changed.
size_t part_size(int64_t m, int64_t d) { return static_cast<size_t>(m * (d + 1)) + 1; }

bool assign(const Array& x, const Array& y, const Array& about, const Indices& labels,
            const std::optional<Doubles>& squared, const Weights& weights, const Doubles& sums,
            int workers) {
    const Core& core = selected();
    Assign job{};
    job.search = search_job(table_of(x), table_of(y), 0, 1);
    job.search.index = labels.data();
    job.search.distance = squared ? squared->data() : nullptr;
    job.weights = weights.data();
    job.weight_stride = weights.stride(0);
    const int64_t m = job.search.y.rows, d = job.search.y.features;
    std::vector<double> centre;
    job.search.frame = frame_about(about, true, centre);
    Parts parts(workers, part_size(m, d), sums.data());
    return carry_out(count_tiles(job.search.x.rows, core.assign_tiles(job)), workers,
                     core.assign_bytes(job), [&](int64_t part, void* scratch, Watch& watch) {
                         return parts.run(part, watch, [&](double* numbers) {
                             PartSums held{numbers, numbers + m * d, numbers + m * (d + 1)};
                             return core.assign(job, part, held, scratch, watch);
                         });
                     });
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
    m.def("assign", &assign, nb::arg("x"), nb::arg("y"), nb::arg("about"), nb::arg("labels"),
          nb::arg("squared").none(), nb::arg("weights"), nb::arg("sums"), nb::arg("workers"),
          "Replace labels (n,) by the nearest columns, fill squared (n,) with their squared "
          "distances, and add up in sums, m (d + 1) + 1 numbers: the rows of each column, measured "
          "from it and weighted, then their weights, then the number of labels that changed; "
          "False if x is not finite.");
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
