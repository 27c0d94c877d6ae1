// Sums, weighted means, log-sums, and blocks.
#include "arrays.h"
#include "../dispatch.h"

#include <optional>

namespace gramian {
namespace {

bool sum(const Array& x, const Array& y, int form, int profile, double rate, double alpha,
         bool logarithm, const Array& about, int goal, const std::optional<Array>& weights,
         const std::optional<Indices>& row_of, const Output& out, int workers, int64_t row_limit) {
    const Core& core = selected();
    Sum job{};
    job.x = table_of(x);
    job.y = table_of(y);
    job.form = static_cast<Form>(form);
    job.profile = static_cast<Profile>(profile);
    job.rate = rate;
    job.alpha = alpha;
    job.logarithm = logarithm;
    job.goal = static_cast<Goal>(goal);
    if (weights) job.weights = table_of(*weights);
    job.row_of = row_of ? row_of->data() : nullptr;
    job.out = out.data();
    job.out_stride = out.stride(0);
    job.row_limit = row_limit;
    std::vector<double> centre;
    job.frame = frame_about(about, job.form == Form::squared_euclidean, centre);
    return carry_out(count_tiles(job.x.rows, core.sum_tiles(job)), workers, core.sum_bytes(job),
                     [&](int64_t tile, void* scratch, Watch& watch) {
                         return core.sum(job, tile, scratch, watch);
                     });
}

PlanOf sum_plan(int64_t features, bool is_double, int goal, int64_t right) {
    Sum job{};
    job.x.features = features;
    job.x.is_double = is_double;
    job.goal = static_cast<Goal>(goal);
    job.weights.features = right;
    const Core& core = selected();
    const Tiles tiles = core.sum_tiles(job);
    return {tiles.rows, tiles.columns, core.sum_bytes(job)};
}

}  // namespace

void add_sums(nb::module_& m) {
    m.def("sum", &sum, nb::arg("x"), nb::arg("y"), nb::arg("form"), nb::arg("profile"),
          nb::arg("rate"), nb::arg("alpha"), nb::arg("logarithm"), nb::arg("about"),
          nb::arg("goal"), nb::arg("weights").none(), nb::arg("row_of").none(), nb::arg("out"),
          nb::arg("workers"), nb::arg("row_limit") = 0,
          "Fill out with sums, weighted means, log-sums or the entries of a block; "
          "False if x is not finite.");
    m.def("sum_plan", &sum_plan, nb::arg("features"), nb::arg("is_double"), nb::arg("goal"),
          nb::arg("right"),
          "Rows of a tile, columns of a chunk, and the bytes that one worker needs.");
}

}  // namespace gramian
