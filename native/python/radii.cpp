// Columns within a radius.
#include "arrays.h"
#include "../dispatch.h"

#include <algorithm>
#include <optional>

namespace gramian {
namespace {

bool within(Radius& job, const Array& x, const Array& y, int form, double reach,
            const Array& about, int workers) {
    const Core& core = selected();
    job.x = table_of(x);
    job.y = table_of(y);
    job.form = static_cast<Form>(form);
    job.reach = reach;
    std::vector<double> centre;
    job.frame = frame_about(about, job.form == Form::squared_euclidean, centre);
    // where the frame is of y, no row lies so far out that all of its pairs are computed apart
    job.symmetric = job.count && job.x == job.y && job.y == table_of(about);
    if (job.symmetric) std::fill_n(job.count, job.x.rows, int64_t{0});
    return carry_out(count_tiles(job.x.rows, core.radius_tiles(job)), workers,
                     core.radius_bytes(job), [&](int64_t tile, void* scratch, Watch& watch) {
                         return core.radius(job, tile, scratch, watch);
                     });
}

bool count(const Array& x, const Array& y, int form, double reach, const Array& about,
           const std::optional<Numbers>& weights, const std::optional<Indices>& number,
           const std::optional<Doubles>& total, int workers) {
    Radius job{};
    job.weights = weights ? weights->data() : nullptr;
    job.count = number ? number->data() : nullptr;
    job.total = total ? total->data() : nullptr;
    return within(job, x, y, form, reach, about, workers);
}

bool neighbors(const Array& x, const Array& y, int form, double reach, const Array& about,
               const Indices& indptr, const Indices& index, const Doubles& distance, int workers) {
    Radius job{};
    job.indptr = indptr.data();
    job.index = index.data();
    job.distance = distance.data();
    return within(job, x, y, form, reach, about, workers);
}

PlanOf radius_plan(int64_t features) {
    Radius job{};
    job.x.features = features;
    const Core& core = selected();
    const Tiles tiles = core.radius_tiles(job);
    return {tiles.rows, tiles.columns, core.radius_bytes(job)};
}

}  // namespace

void add_radii(nb::module_& m) {
    m.def("count", &count, nb::arg("x"), nb::arg("y"), nb::arg("form"), nb::arg("reach"),
          nb::arg("about"), nb::arg("weights").none(), nb::arg("count").none(),
          nb::arg("total").none(), nb::arg("workers"),
          "Fill count (n,), or total (n,) with weights, of the columns within reach; "
          "False if x is not finite.");
    m.def("neighbors", &neighbors, nb::arg("x"), nb::arg("y"), nb::arg("form"), nb::arg("reach"),
          nb::arg("about"), nb::arg("indptr"), nb::arg("index"), nb::arg("distance"),
          nb::arg("workers"),
          "Fill index and distance with the columns within reach, row i from indptr[i] on; "
          "False if x is not finite.");
    m.def("radius_plan", &radius_plan, nb::arg("features"),
          "Rows of a tile, columns of a chunk, and the bytes that one worker needs.");
}

}  // namespace gramian
