// gramian._native: the compiled core as Python sees it. Checks of parameters live in Python.
#include "arrays.h"
#include "../dispatch.h"
#include "../frame.h"

namespace gramian {
namespace {

using Vector = nb::ndarray<nb::ro, nb::device::cpu, nb::ndim<1>, nb::c_contig>;

void evaluate(int function, const Vector& in, const Output& out) {
    selected().evaluate(static_cast<Function>(function), in.dtype() == nb::dtype<double>(),
                        in.data(), out.data(), static_cast<int64_t>(in.size()));
}

}  // namespace

void add_searches(nb::module_& m);
void add_partitions(nb::module_& m);
void add_refinements(nb::module_& m);
void add_radii(nb::module_& m);
void add_sums(nb::module_& m);
void add_isotonic(nb::module_& m);
void add_linkage(nb::module_& m);
void add_balls(nb::module_& m);
void add_trees(nb::module_& m);
void add_grid(nb::module_& m);

}  // namespace gramian

NB_MODULE(_native, m) {
    using namespace gramian;
    m.doc() = "Tiles of Gram matrices on the CPU, reduced while they are hot.";
    m.def("instruction_sets", &instruction_sets,
          "Instruction sets that this processor can run, best first.");
    m.def("selected", [] { return std::string(selected().name); },
          "The instruction set in use.");
    m.def("force", &force, nb::arg("name"),
          "Use an instruction set from now on; '' goes back to the environment's choice.");
    m.def("first_bad_row", [](const Array& table) { return first_bad_row(table_of(table)); },
          nb::arg("table"), nb::call_guard<nb::gil_scoped_release>(),
          "The first row with NaN or infinity, or -1.");
    m.def("evaluate", &evaluate, nb::arg("function"), nb::arg("values"), nb::arg("out"),
          "An elementary function (0: exp2, 1: log2, 2: cos(pi/2 sqrt u)) of a vector.");
    add_searches(m);
    add_partitions(m);
    add_refinements(m);
    add_radii(m);
    add_sums(m);
    add_isotonic(m);
    add_linkage(m);
    add_balls(m);
    add_trees(m);
    add_grid(m);
}
