// gramian._native: the compiled core as Python sees it. Checks of parameters live in Python.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>

#include "dispatch.h"
#include "frame.h"
#include "isotonic.h"
#include "parts.h"
#include "pieces.h"
#include "workers.h"

namespace nb = nanobind;

namespace gramian {
namespace {

using Array = nb::ndarray<nb::ro, nb::device::cpu>;
using Indices = nb::ndarray<int64_t, nb::device::cpu, nb::c_contig>;
using Vector = nb::ndarray<nb::ro, nb::device::cpu, nb::ndim<1>, nb::c_contig>;
using Output = nb::ndarray<nb::device::cpu>;
using Numbers = nb::ndarray<const double, nb::device::cpu, nb::ndim<1>, nb::c_contig>;
using Weights = nb::ndarray<const double, nb::device::cpu, nb::ndim<1>>;
using Doubles = nb::ndarray<double, nb::device::cpu, nb::c_contig>;

using Rows64 = nb::ndarray<const double, nb::ndim<2>, nb::device::cpu, nb::c_contig>;
using Marks = nb::ndarray<bool, nb::ndim<2>, nb::device::cpu, nb::c_contig>;

Table table_of(const Array& array) {
    const bool is_double = array.dtype() == nb::dtype<double>();
    if (array.ndim() != 2 || !(is_double || array.dtype() == nb::dtype<float>())) {
        throw nb::type_error("_native: tables must be two-dimensional, float32 or float64.");
    }
    return {array.data(),
            static_cast<int64_t>(array.shape(0)),
            static_cast<int64_t>(array.shape(1)),
            array.stride(0),
            array.stride(1),
            is_double};
}

// Runs the tiles without the GIL. True if the work was done; false if x is not finite. An
// interrupt raises what Python's signal handler raised.
bool carry_out(int64_t tiles, int workers, size_t bytes, const Work& work) {
    Outcome outcome;
    {
        const nb::gil_scoped_release released;
        outcome = run_tiles(tiles, workers, bytes, work, [] {
            const nb::gil_scoped_acquire held;
            return PyErr_CheckSignals() != 0;
        });
    }
    if (outcome == Outcome::stopped) throw nb::python_error();
    return outcome == Outcome::done;
}

// Runs `work(row, scratch)` for every row, some at a time.
template <class OfRow>
void each_row(int64_t rows, int64_t columns, int workers, size_t bytes, OfRow work) {
    const int64_t at_once = std::max<int64_t>(1, 4096 / columns);
    carry_out((rows + at_once - 1) / at_once, workers, bytes,
              [&](int64_t tile, void* scratch, Watch&) {
                  const int64_t end = std::min(rows, (tile + 1) * at_once);
                  for (int64_t row = tile * at_once; row < end; ++row) work(row, scratch);
                  return Outcome::done;
              });
}

void blocks(const Rows64& values, const Marks& begins, int workers) {
    const auto n = static_cast<int64_t>(values.shape(1));
    const size_t bytes = static_cast<size_t>(2 * n) * sizeof(double);
    each_row(static_cast<int64_t>(values.shape(0)), n, workers, bytes,
             [&](int64_t row, void* scratch) {
                 auto* sum = static_cast<double*>(scratch);
                 find_blocks(values.data() + row * n, n, begins.data() + row * n, sum, sum + n);
             });
}

void block_means(const Rows64& values, const Marks& begins, const Doubles& out, int workers) {
    const auto n = static_cast<int64_t>(values.shape(1));
    each_row(static_cast<int64_t>(values.shape(0)), n, workers, 0, [&](int64_t row, void*) {
        average_blocks(values.data() + row * n, begins.data() + row * n, n, out.data() + row * n);
    });
}

int64_t count_tiles(int64_t rows, const Tiles& tiles) { return (rows + tiles.rows - 1) / tiles.rows; }

Search search_job(const Table& x, const Table& y, int form, int64_t k) {
    Search job{};
    job.x = x;
    job.y = y;
    job.form = static_cast<Form>(form);
    job.k = k;
    job.last_column = y.rows;
    job.rough = selected().rough;
    return job;
}

bool search(const Array& x, const Array& y, int form, int64_t k, const Array& about,
            const Indices& index, const std::optional<Doubles>& distance, int workers) {
    const Core& core = selected();
    Search job = search_job(table_of(x), table_of(y), form, k);
    job.index = index.data();
    job.distance = distance ? distance->data() : nullptr;
    std::vector<double> centre;
    {
        const nb::gil_scoped_release released;
        job.frame = frame_of(table_of(about), job.form == Form::squared_euclidean, centre);
    }
    const Tiles grid = core.search_tiles(job);
    const int64_t tiles = count_tiles(job.x.rows, grid);
    const int64_t chunks = (job.y.rows + grid.columns - 1) / grid.columns;
    const int64_t count = std::min(chunks, (workers + tiles - 1) / tiles);
    if (count < 2) {
        return carry_out(tiles, workers, core.search_bytes(job),
                         [&](int64_t tile, void* scratch, Watch& watch) {
                             return core.search(job, tile, scratch, watch);
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

using PlanOf = std::tuple<int64_t, int64_t, size_t>;

PlanOf search_plan(int64_t features, int64_t k) {
    Search job = search_job({}, {}, 0, k);
    job.x.features = features;
    const Core& core = selected();
    const Tiles tiles = core.search_tiles(job);
    return {tiles.rows, tiles.columns, core.search_bytes(job)};
}

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
    {
        const nb::gil_scoped_release released;
        job.search.frame = frame_of(table_of(about), true, centre);
    }
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

bool within(Radius& job, const Array& x, const Array& y, int form, double reach,
            const Array& about, int workers) {
    const Core& core = selected();
    job.x = table_of(x);
    job.y = table_of(y);
    job.form = static_cast<Form>(form);
    job.reach = reach;
    std::vector<double> centre;
    {
        const nb::gil_scoped_release released;
        job.frame = frame_of(table_of(about), job.form == Form::squared_euclidean, centre);
    }
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
    {
        const nb::gil_scoped_release released;
        job.frame = frame_of(table_of(about), job.form == Form::squared_euclidean, centre);
    }
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

void evaluate(int function, const Vector& in, const Output& out) {
    selected().evaluate(static_cast<Function>(function), in.dtype() == nb::dtype<double>(),
                        in.data(), out.data(), static_cast<int64_t>(in.size()));
}

}  // namespace
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
    m.def("search", &search, nb::arg("x"), nb::arg("y"), nb::arg("form"), nb::arg("k"),
          nb::arg("about"), nb::arg("index"), nb::arg("distance").none(), nb::arg("workers"),
          "Fill index (n, k) and distance (n, k) with the k nearest columns of each row; "
          "False if x is not finite.");
    m.def("search_plan", &search_plan, nb::arg("features"), nb::arg("k"),
          "Rows of a tile, columns of a chunk, and the bytes that one worker needs.");
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
    m.def("blocks", &blocks, nb::arg("values"), nb::arg("begins"), nb::arg("workers"),
          "Mark where the blocks of the nearest falling sequence of each row begin.");
    m.def("block_means", &block_means, nb::arg("values"), nb::arg("begins"), nb::arg("out"),
          nb::arg("workers"), "Fill out with the mean of each entry's block.");
    m.def("sum", &sum, nb::arg("x"), nb::arg("y"), nb::arg("form"), nb::arg("profile"),
          nb::arg("rate"), nb::arg("alpha"), nb::arg("logarithm"), nb::arg("about"),
          nb::arg("goal"), nb::arg("weights").none(), nb::arg("row_of").none(), nb::arg("out"),
          nb::arg("workers"), nb::arg("row_limit") = 0,
          "Fill out with sums, weighted means, log-sums or the entries of a block; "
          "False if x is not finite.");
    m.def("sum_plan", &sum_plan, nb::arg("features"), nb::arg("is_double"), nb::arg("goal"),
          nb::arg("right"),
          "Rows of a tile, columns of a chunk, and the bytes that one worker needs.");
    m.def("evaluate", &evaluate, nb::arg("function"), nb::arg("values"), nb::arg("out"),
          "An elementary function (0: exp2, 1: log2, 2: cos(pi/2 sqrt u)) of a vector.");
}
