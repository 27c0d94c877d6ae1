#include "frame.h"

#include <algorithm>
#include <cmath>

namespace gramian {
namespace {

// Calls `visit(feature, value)` for every number, row after row.
template <class T, class Visit>
void each(const Table& table, Visit visit) {
    const T* data = static_cast<const T*>(table.data);
    for (int64_t i = 0; i < table.rows; ++i) {
        const T* row = data + i * table.row_stride;
        for (int64_t f = 0; f < table.features; ++f) {
            visit(f, static_cast<double>(row[f * table.feature_stride]));
        }
    }
}

template <class Visit>
void each(const Table& table, Visit visit) {
    table.is_double ? each<double>(table, visit) : each<float>(table, visit);
}

template <class T>
int64_t bad_row(const Table& table) {
    const T* data = static_cast<const T*>(table.data);
    for (int64_t i = 0; i < table.rows; ++i) {
        const T* row = data + i * table.row_stride;
        T gone = 0;  // NaN or infinity times zero is NaN
        for (int64_t f = 0; f < table.features; ++f) gone += row[f * table.feature_stride] * T(0);
        if (gone != T(0)) return i;
    }
    return -1;
}

}  // namespace

int64_t first_bad_row(const Table& table) {
    return table.is_double ? bad_row<double>(table) : bad_row<float>(table);
}

Frame frame_of(const Table& table, bool about_mean, std::vector<double>& centre) {
    // beyond these, squares of doubles overflow or vanish
    constexpr double most = 1e130, least = 1e-130;
    centre.assign(static_cast<size_t>(table.features), 0.0);
    // std::max, since GCC 12 fails on std::fmax here when it compiles for arm64
    double largest = 0.0;
    each(table, [&](int64_t, double v) { largest = std::max(largest, std::fabs(v)); });
    if (largest > most) return {centre.data(), 1.0, true};
    if (about_mean) {
        each(table, [&](int64_t f, double v) { centre[static_cast<size_t>(f)] += v; });
        for (double& c : centre) {
            const double mean = c / static_cast<double>(table.rows);
            const double rounded = static_cast<double>(static_cast<float>(mean));
            c = std::isfinite(rounded) ? rounded : mean;
        }
        largest = 0.0;
        each(table, [&](int64_t f, double v) {
            largest = std::max(largest, std::fabs(v - centre[static_cast<size_t>(f)]));
        });
    }
    if (largest == 0.0) return {centre.data(), 1.0, false};
    if (largest < least) return {centre.data(), 1.0, true};
    return {centre.data(), std::ldexp(1.0, -std::ilogb(largest)), false};
}

}  // namespace gramian
