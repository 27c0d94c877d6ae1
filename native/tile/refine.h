// Rows whose bounds overlap are gathered and searched again, as if they made a table of their own;
// all others are passed over. A bound that the columns' movements have loosened is drawn tight
// first, by the distance to the row's own column.
#pragma once
#include "assign.h"
#include "lanes.h"

namespace gramian::GRAMIAN_ISA {

// The same sum of squares in floats, for rows whose numbers are floats; negative where it may have
// left their range.
inline float squared_in_floats(const float* row, const float* column, int64_t features) {
    constexpr int W = F32::width;
    constexpr float most = 1e37f, least = 1e-25f;
    F32::reg sum[2] = {F32::set1(0.0f), F32::set1(0.0f)};
    int64_t f = 0;
    for (; f + 2 * W <= features; f += 2 * W) {
        for (int i = 0; i < 2; ++i) {
            const auto gap = F32::sub(F32::loadu(row + f + i * W), F32::loadu(column + f + i * W));
            sum[i] = F32::fma(gap, gap, sum[i]);
        }
    }
    float lanes[W], total = 0.0f;
    F32::storeu(lanes, F32::add(sum[0], sum[1]));
    for (const float lane : lanes) total += lane;
    for (; f < features; ++f) total += (row[f] - column[f]) * (row[f] - column[f]);
    return total > least && total < most ? total : -1.0f;
}

// At least the distance between a row and a column.
template <class T>
inline float distance_above(const T* row, int64_t row_stride, const T* column,
                            int64_t column_stride, int64_t features) {
    constexpr int W = F64::width;
    double total = 0.0;
    int64_t f = 0;
    if constexpr (sizeof(T) == 4) {
        const bool adjacent = row_stride == 1 && column_stride == 1;
        const float squared = adjacent ? squared_in_floats(row, column, features) : -1.0f;
        // each gap and square rounds, and each of so many additions
        const float roundings = 1.2e-7f * static_cast<float>(features + 8);
        if (squared > 0.0f) return std::sqrt(squared * (1.0f + roundings)) * (1.0f + 4e-7f);
    }
    if (row_stride == 1 && column_stride == 1) {
        F64::reg sum[2] = {F64::set1(0.0), F64::set1(0.0)};
        for (; f + 2 * W <= features; f += 2 * W) {
            for (int i = 0; i < 2; ++i) {
                const auto gap = F64::sub(widened(row + f + i * W), widened(column + f + i * W));
                sum[i] = F64::fma(gap, gap, sum[i]);
            }
        }
        total = total_of(F64::add(sum[0], sum[1]));
    }
    for (; f < features; ++f) {
        const double gap = static_cast<double>(row[f * row_stride]) -
                           static_cast<double>(column[f * column_stride]);
        total += gap * gap;
    }
    // any order of the terms errs by less than a billionth for ten million features
    return up(std::sqrt(total) * (1.0 + 1e-9));
}

// What one worker gathers: a tile of rows and what their search finds.
struct Gathered {
    int64_t room;    // rows
    char* table;     // [row][feature] of x's type
    KeptRows kept;   // their records, where the job has any
    int64_t* row;    // their numbers
    int64_t* index;
    float* upper;
    float* lower;

    Gathered(const Refine& job, Arena& arena) : room(search_tiles(job.search).rows) {
        const Table& x = job.search.x;
        table = arena.take<char>(room * x.features * (x.is_double ? 8 : 4));
        kept = {arena.take<char>(room * job.search.kept.stride), job.search.kept.stride};
        row = arena.take<int64_t>(room);
        index = arena.take<int64_t>(room);
        upper = arena.take<float>(room);
        lower = arena.take<float>(room);
    }
};

inline size_t refine_bytes(const Refine& job) {
    Arena count(nullptr);
    Gathered(job, count);
    return search_bytes(job.search) + count.used();
}

// Searches the gathered rows and hands out what is found.
inline Outcome search_gathered(const Refine& job, const Gathered& held, int64_t count,
                               void* scratch, Watch& watch) {
    Search sub = job.search;
    sub.x = {held.table, count, sub.x.features, sub.x.features, 1, sub.x.is_double};
    sub.kept = job.search.kept.records ? held.kept : KeptRows{};
    sub.index = held.index;
    sub.upper = held.upper;
    sub.lower = held.lower;
    for (int64_t i = 0; i < count; ++i) {
        held.upper[i] = std::numeric_limits<float>::infinity();
        held.lower[i] = 0.0f;
    }
    const Outcome outcome = search(sub, 0, scratch, watch);
    if (outcome != Outcome::done) return outcome;
    int64_t changed = 0;
    for (int64_t i = 0; i < count; ++i) {
        const int64_t row = held.row[i], from = job.search.index[row], to = held.index[i];
        job.search.lower[row] = held.lower[i];
        if (from == to) {
            if (held.upper[i] < job.search.upper[row]) job.search.upper[row] = held.upper[i];
            continue;
        }
        job.search.upper[row] = held.upper[i];
        job.search.index[row] = to;
        ++changed;
        if (job.weights[row * job.weight_stride] == 0.0) continue;
        __atomic_store_n(job.moved + from, uint8_t{1}, __ATOMIC_RELAXED);
        __atomic_store_n(job.moved + to, uint8_t{1}, __ATOMIC_RELAXED);
    }
    __atomic_fetch_add(job.changed, changed, __ATOMIC_RELAXED);
    return outcome;
}

// Whether a row's bounds still overlap once the upper one is drawn tight.
template <class T>
inline bool is_open(const Refine& job, int64_t i, const T* row) {
    const Table& y = job.search.y;
    float& upper = job.search.upper[i];
    const float lower = job.search.lower[i];
    if (!(lower > 0.0f)) return true;
    const T* const column = static_cast<const T*>(y.data) + job.search.index[i] * y.row_stride;
    upper = distance_above(row, job.search.x.feature_stride, column, y.feature_stride, y.features);
    return !(upper < lower);
}

template <class T>
inline void gather(const Refine& job, int64_t i, const T* row, const Gathered& held,
                   int64_t place) {
    const Table& x = job.search.x;
    T* const copy = reinterpret_cast<T*>(held.table) + place * x.features;
    if (x.feature_stride == 1) {
        std::memcpy(copy, row, static_cast<size_t>(x.features) * sizeof(T));
    } else {
        for (int64_t f = 0; f < x.features; ++f) copy[f] = row[f * x.feature_stride];
    }
    if (const KeptRows& kept = job.search.kept; kept.records) {
        std::memcpy(held.kept.records + place * kept.stride, kept.records + i * kept.stride,
                    static_cast<size_t>(kept.stride));
    }
    held.row[place] = i;
}

template <class T>
inline Outcome refine_of(const Refine& job, int64_t part, void* scratch, Watch& watch) {
    const Table& x = job.search.x;
    Arena arena(static_cast<char*>(scratch) + search_bytes(job.search));
    const Gathered held(job, arena);
    const int64_t begin = part * job.part_rows, past = begin + job.part_rows;
    const int64_t last = past < x.rows ? past : x.rows;
    int64_t count = 0;
    Outcome outcome = Outcome::done;
    int32_t list[listed_rows];
    for (int64_t first = begin; first < last; first += listed_rows) {
        const float *const upper = job.search.upper + first, *const lower = job.search.lower + first;
        const int64_t left = last - first;
        const auto rows = static_cast<int32_t>(left < listed_rows ? left : listed_rows);
        const int32_t n = list_where(rows, list, [&](int32_t i) { return !(upper[i] < lower[i]); });
        each_listed<T>(x, first, list, n, [&](int64_t i, const T* row) {
            if (outcome != Outcome::done || !is_open(job, i, row)) return;
            gather(job, i, row, held, count);
            if (++count < held.room) return;
            outcome = search_gathered(job, held, count, scratch, watch);
            count = 0;
        });
        if (outcome != Outcome::done) return outcome;
    }
    if (watch.stop()) return Outcome::stopped;
    return count ? search_gathered(job, held, count, scratch, watch) : Outcome::done;
}

inline Outcome refine(const Refine& job, int64_t part, void* scratch, Watch& watch) {
    return job.search.x.is_double ? refine_of<double>(job, part, scratch, watch)
                                  : refine_of<float>(job, part, scratch, watch);
}

}  // namespace gramian::GRAMIAN_ISA
