// Arrays as they come from Python, and what every operation does with them.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>
#include <vector>

#include "../core.h"
#include "../voronoi.h"
#include "../workers.h"

namespace gramian {

namespace nb = nanobind;

using Array = nb::ndarray<nb::ro, nb::device::cpu>;
using Indices = nb::ndarray<int64_t, nb::device::cpu, nb::c_contig>;
using Output = nb::ndarray<nb::device::cpu>;
using Numbers = nb::ndarray<const double, nb::device::cpu, nb::ndim<1>, nb::c_contig>;
using Weights = nb::ndarray<const double, nb::device::cpu, nb::ndim<1>>;
using Doubles = nb::ndarray<double, nb::device::cpu, nb::c_contig>;
using Rows64 = nb::ndarray<const double, nb::ndim<2>, nb::device::cpu, nb::c_contig>;
using Marks = nb::ndarray<bool, nb::ndim<2>, nb::device::cpu, nb::c_contig>;

// Rows of a tile, columns of a chunk, and the bytes that one worker needs.
using PlanOf = std::tuple<int64_t, int64_t, size_t>;

Table table_of(const Array& array);

// Centre and scale of a table, without the GIL; `centre` holds the centre.
Frame frame_about(const Array& about, bool about_mean, std::vector<double>& centre);

// A search for the k nearest columns, its results and frame still to be set.
Search search_job(const Table& x, const Table& y, int form, int64_t k);

// A job to plan by: its tables have no rows to read.
Search planned_search(int64_t features, int64_t columns, int64_t k);

// The grid of a search, made without the GIL.
VoronoiGrid voronoi_grid(const Search& job, int workers);

int64_t count_tiles(int64_t rows, const Tiles& tiles);

// Runs the tiles without the GIL. True if the work was done; false if x is not finite. An
// interrupt raises what Python's signal handler raised.
bool carry_out(int64_t tiles, int workers, size_t bytes, const Work& work);

}  // namespace gramian
