#include "frame.h"

#include <algorithm>
#include <cmath>

namespace gramian {
namespace {

// to[feature] = step(to[feature], number, feature), row after row.
template <class T, class Step>
void fold(const Table& table, double* __restrict to, Step step) {
    const T* const data = static_cast<const T*>(table.data);
    const int64_t d = table.features, stride = table.feature_stride;
    for (int64_t i = 0; i < table.rows; ++i) {
        const T* const row = data + i * table.row_stride;
        if (stride == 1) {  // by itself, since compilers then take several numbers at once
            for (int64_t f = 0; f < d; ++f) to[f] = step(to[f], static_cast<double>(row[f]), f);
        } else {
            for (int64_t f = 0; f < d; ++f) {
                to[f] = step(to[f], static_cast<double>(row[f * stride]), f);
            }
        }
    }
}

template <class Step>
void fold(const Table& table, double* to, Step step) {
    table.is_double ? fold<double>(table, to, step) : fold<float>(table, to, step);
}

// The largest distance of a number from its feature's centre.
double largest_gap(const Table& table, const std::vector<double>& centre) {
    std::vector<double> most(centre.size(), 0.0);
    const double* const from = centre.data();
    fold(table, most.data(), [from](double held, double v, int64_t f) {
        const double gap = std::fabs(v - from[f]);
        return held < gap ? gap : held;
    });
    return most.empty() ? 0.0 : *std::max_element(most.begin(), most.end());
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
    double largest = largest_gap(table, centre);
    if (largest > most) return {centre.data(), 1.0, true};
    if (about_mean) {
        fold(table, centre.data(), [](double held, double v, int64_t) { return held + v; });
        for (double& c : centre) {
            const double mean = c / static_cast<double>(table.rows);
            const double rounded = static_cast<double>(static_cast<float>(mean));
            c = std::isfinite(rounded) ? rounded : mean;
        }
        largest = largest_gap(table, centre);
    }
    if (largest == 0.0) return {centre.data(), 1.0, false};
    if (largest < least) return {centre.data(), 1.0, true};
    return {centre.data(), std::ldexp(1.0, -std::ilogb(largest)), false};
}

}  // namespace gramian
