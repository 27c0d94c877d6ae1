#include "arrays.h"

#include "../dispatch.h"
#include "../frame.h"

namespace gramian {

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

Frame frame_about(const Array& about, bool about_mean, std::vector<double>& centre) {
    const nb::gil_scoped_release released;
    return frame_of(table_of(about), about_mean, centre);
}

VoronoiGrid voronoi_grid(const Search& job, int workers) {
    const nb::gil_scoped_release released;
    return VoronoiGrid(job, workers);
}

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

int64_t count_tiles(int64_t rows, const Tiles& tiles) { return (rows + tiles.rows - 1) / tiles.rows; }

Search search_job(const Table& x, const Table& y, int form, int64_t k) {
    Search job{};
    job.x = x;
    job.y = y;
    job.form = static_cast<Form>(form);
    job.k = k;
    job.last_column = y.rows;
    job.rough = k > 1 ? selected().rough_lists : selected().rough;
    return job;
}

Search planned_search(int64_t features, int64_t columns, int64_t k) {
    Table x{}, y{};
    x.features = y.features = features;
    y.rows = columns;
    return search_job(x, y, 0, k);
}

}  // namespace gramian
