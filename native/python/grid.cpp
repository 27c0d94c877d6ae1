// DBSCAN over blocks of rows.
#include "arrays.h"
#include "../grid/cluster.h"

#include <optional>

namespace gramian {
namespace {

using Labels = nb::ndarray<int64_t, nb::ndim<2>, nb::device::cpu, nb::c_contig>;

bool dbscan(const Array& x, int form, const Numbers& reaches, double wanted,
            const std::optional<Numbers>& weights, const Labels& labels, const Marks& core,
            double most_share, int workers) {
    const grid::Clustering job{table_of(x),
                               static_cast<Form>(form),
                               reaches.data(),
                               static_cast<int64_t>(reaches.size()),
                               wanted,
                               weights ? weights->data() : nullptr,
                               labels.data(),
                               core.data(),
                               most_share};
    try {
        const nb::gil_scoped_release released;
        return grid::cluster(job, workers, [] {
            const nb::gil_scoped_acquire held;
            return PyErr_CheckSignals() != 0;
        });
    } catch (const grid::Interrupted&) {
        throw nb::python_error();
    }
}

}  // namespace

void add_grid(nb::module_& m) {
    m.def("dbscan", &dbscan, nb::arg("x"), nb::arg("form"), nb::arg("reaches"), nb::arg("wanted"),
          nb::arg("weights").none(), nb::arg("labels"), nb::arg("core"),
          nb::arg("most_share"), nb::arg("workers"),
          "Fill labels and core (radii, n) of finite rows: core are those with at least `wanted` "
          "rows, or weight, within one of the rising reaches. False, and nothing done, if more than a share of all "
          "pairs of rows would have to be compared.");
}

}  // namespace gramian
