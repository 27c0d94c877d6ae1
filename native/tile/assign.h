// The pass of k-means: rows go to their nearest column and are added to its sum while they are
// still in cache.
//
// A part is some hundred or thousand rows, a constant of the call's kind, with sums of its own; the
// caller joins parts in their order. Joining touches (m, d) numbers once per part, searching does so
// once per row, so it costs a few per cent at most, for any m and d. Sorting the rows by label instead
// would read them a second time from memory, in an order that no cache likes.
#pragma once
#include <algorithm>
#include <limits>

#include "ordered_sums.h"
#include "packed_sums.h"
#include "search.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t part_rows = 4096;            // at most
constexpr int64_t part_rows_per_column = 64;   // from which on joining costs next to nothing
constexpr int64_t part_products = 1 << 20;     // that take longer than handing out a part

// Few columns of many features have smaller parts, so that a few thousand rows make several.
inline Tiles assign_tiles(const Assign& job) {
    const Tiles tiles = search_tiles(job.search);
    const int64_t m = job.search.y.rows, d = job.search.x.features;
    const int64_t enough = std::max(part_rows_per_column * m, part_products / (m * d));
    return {round_up(std::min(part_rows, enough), tiles.rows), tiles.columns};
}

inline size_t assign_bytes(const Assign& job) { return search_bytes(job.search); }

// sum += weight (row - column)
template <class T>
inline void add_row(const T* row, const T* column, double weight, int64_t features, double* sum) {
    constexpr int W = F64::width;
    const auto w = F64::set1(weight);
    int64_t f = 0;
    for (; f + W <= features; f += W) {
        const auto gap = F64::sub(widened(row + f), widened(column + f));
        F64::storeu(sum + f, F64::add(F64::loadu(sum + f), F64::mul(w, gap)));
    }
    for (; f < features; ++f) {
        sum[f] += weight * (static_cast<double>(row[f]) - static_cast<double>(column[f]));
    }
}

// The same for a few features, without a loop.
template <class T, int Features>
inline void add_narrow(const T* row, const T* column, double weight, double* sum) {
    double added[Features];
    for (int f = 0; f < Features; ++f) {
        added[f] = weight * (static_cast<double>(row[f]) - static_cast<double>(column[f]));
    }
    for (int f = 0; f < Features; ++f) sum[f] += added[f];
}

// Rows are measured from their column: that keeps the digits of clusters far from zero.
template <class T, class Add>
inline void add_rows(const Assign& job, int64_t first, int64_t last, PartSums& part, Add add) {
    const Table y = job.columns;
    const T* const columns = static_cast<const T*>(y.data);
    const int64_t features = y.features;
    double *const mass = part.mass, *const sums = part.sums;
    each_row<T>(job, first, last, [=](const T* row, int64_t column, double weight) {
        mass[column] += weight;
        add(row, columns + column * y.row_stride, weight, sums + column * features);
    });
}

template <class T>
inline void add_typed(const Assign& job, int64_t first, int64_t last, PartSums& part) {
    if (sums_pack(job, last - first)) return add_packed<T>(job, first, last, part);
    const Table &x = job.search.x, &y = job.columns;
    const int64_t d = x.features;
    const bool adjacent = x.feature_stride == 1 && y.feature_stride == 1;
    switch (adjacent ? d : 0) {
        case 1: return add_rows<T>(job, first, last, part, add_narrow<T, 1>);
        case 2: return add_rows<T>(job, first, last, part, add_narrow<T, 2>);
        case 3: return add_rows<T>(job, first, last, part, add_narrow<T, 3>);
        case 4: return add_rows<T>(job, first, last, part, add_narrow<T, 4>);
    }
    add_rows<T>(job, first, last, part, [&](const T* row, const T* column, double w, double* sum) {
        if (adjacent) return add_row(row, column, w, d, sum);
        for (int64_t f = 0; f < d; ++f) {
            sum[f] += w * (static_cast<double>(row[f * x.feature_stride]) -
                           static_cast<double>(column[f * y.feature_stride]));
        }
    });
}

inline void add_labelled(const Assign& job, int64_t first, int64_t last, PartSums& part) {
    if (job.search.x.is_double) {
        add_typed<double>(job, first, last, part);
    } else {
        add_typed<float>(job, first, last, part);
    }
}

// Searches a tile, and notes which labels are not the old ones.
inline Outcome search_anew(const Assign& job, int64_t tile, int64_t first, int64_t last,
                           PartSums& part, void* scratch, Watch& watch) {
    // half as wide as labels, so that a tile's fit in the nearest cache beside these
    int32_t before[most_search_rows], changed[most_search_rows];
    const int64_t* const now = job.search.index + first;
    const auto count = static_cast<int32_t>(last - first);
    if (job.is_first) {
        std::fill_n(before, count, -1);
    } else {
        for (int32_t i = 0; i < count; ++i) before[i] = static_cast<int32_t>(now[i]);
    }
    if (job.search.upper) {
        // what the search cannot bound keeps these
        std::fill_n(job.search.upper + first, count, std::numeric_limits<float>::infinity());
        std::fill_n(job.search.lower + first, count, 0.0f);
    }
    const Outcome outcome = search(job.search, tile, scratch, watch);
    if (outcome != Outcome::done) return outcome;
    // listed without a branch, which no processor would foresee
    int32_t n_changed = 0;
    for (int32_t i = 0; i < count; ++i) {
        changed[n_changed] = i;
        n_changed += before[i] != static_cast<int32_t>(now[i]);
    }
    *part.changed += n_changed;
    for (int32_t k = 0; k < n_changed; ++k) {
        const int32_t i = changed[k], from = before[i];
        if (job.weights[(first + i) * job.weight_stride] == 0.0) continue;
        if (from >= 0) part.moved[from] += 1.0;
        part.moved[now[i]] += 1.0;
    }
    return outcome;
}

template <class T>
inline void add_by_column(const Assign& job, int64_t first, int64_t last, PartSums& part) {
    for (; first < last; first += ordered_rows) {
        const int64_t left = last - first;
        add_in_order<T>(job, first, left < ordered_rows ? left : ordered_rows, part);
    }
}

inline Outcome assign(const Assign& job, int64_t number, PartSums& part, void* scratch,
                      Watch& watch) {
    const Search& search = job.search;
    const int64_t rows = search_tiles(search).rows, whole = assign_tiles(job).rows;
    const int64_t begin = number * whole, past = begin + whole;
    const int64_t end = past < search.x.rows ? past : search.x.rows;
    const bool in_order = sums_in_order(job);
    if (job.place) {
        if (watch.stop()) return Outcome::stopped;
        if (search.distance) measure_rows(search, begin, end - begin, search.distance + begin);
        if (!in_order) add_labelled(job, begin, end, part);
    }
    for (int64_t first = begin; !job.place && first < end; first += rows) {
        const int64_t last = first + rows < end ? first + rows : end;
        const Outcome outcome = search_anew(job, first / rows, first, last, part, scratch, watch);
        if (outcome != Outcome::done) return outcome;
        if (!in_order) add_labelled(job, first, last, part);
    }
    if (in_order && search.x.is_double) add_by_column<double>(job, begin, end, part);
    if (in_order && !search.x.is_double) add_by_column<float>(job, begin, end, part);
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
