// Joins of single linkage.
#include "arrays.h"
#include "../linkage.h"

namespace gramian {
namespace {

void join(const Indices& start, const Indices& end, const Indices& left, const Indices& right,
          const Doubles& size) {
    const auto rows = static_cast<int64_t>(start.size()) + 1;
    join_rows(start.data(), end.data(), rows, left.data(), right.data(), size.data());
}

}  // namespace

void add_linkage(nb::module_& m) {
    m.def("join_rows", &join, nb::arg("start"), nb::arg("end"), nb::arg("left"), nb::arg("right"),
          nb::arg("size"), nb::call_guard<nb::gil_scoped_release>(),
          "Fill left, right and the sizes of the joins from edges in the order of their weights.");
}

}  // namespace gramian
