// Which arithmetic a call uses: direct differences where features are few or the form asks for
// them, the product form about a centre where there are many, double where floats do not suffice.
#pragma once
#include <cmath>
#include <limits>

#include "pack.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t few_features = 16;
constexpr double unit_roundoff = 5.9604644775390625e-8;   // 2^-24
constexpr double far = 1125899906842624.0;                // 2^50, in units of y's spread
constexpr double least = 7.52316384526264e-37;            // 2^-120: below it squares lose digits

enum class Method { direct, product, gap, largest_gap, plain };

inline Method method_of(Form form, const Table& x, const Frame& frame) {
    const bool squared = form == Form::squared_euclidean;
    if (frame.direct) return Method::plain;
    if (squared && x.features > few_features) return Method::product;
    if (x.is_double) return Method::plain;
    if (squared) return Method::direct;
    return form == Form::manhattan ? Method::gap : Method::largest_gap;
}

// How far an entry of a tile may be from the true form: `absolute` times |x|^2 + |y|^2 about the
// centre (product form), or `relative` times the form.
struct Error {
    double absolute = 0.0;
    double relative = 0.0;
};

inline Error error_of(Method method, int64_t features) {
    switch (method) {
        case Method::product:
            return {2.0 * error_units<Product>(features) * unit_roundoff, 0.0};
        case Method::direct:
            return {0.0, error_units<SquaredGap>(features) * unit_roundoff};
        case Method::gap:
            return {0.0, error_units<Gap>(features) * unit_roundoff};
        case Method::largest_gap:
            return {0.0, 26.0 * unit_roundoff};
        case Method::plain:
            return {};
    }
    return {};
}

inline Mapping mapping_of(Method method, const Frame& frame) {
    if (method == Method::plain) return {nullptr, 1.0};
    return {method == Method::product ? frame.centre : nullptr, frame.scale};
}

// What stands for an entry beyond the last column: larger than any. For floats it is finite,
// because its lowest bits may be replaced.
template <class T>
constexpr T beyond_any = sizeof(T) == 4 ? std::numeric_limits<T>::max() / 2
                                        : std::numeric_limits<T>::infinity();

// Fills `chunk` with `count` columns from `first` on, unless it holds them already. In searches each
// column starts with its squared length less its own share of the error bound, so that what is
// accumulated bounds the form from below, up to a constant of the row.
template <class V>
inline void fill(Chunk<V>& chunk, const Table& y, int64_t first, int64_t count, Method method,
                 const Mapping& map, double lowered) {
    using T = typename V::scalar;
    constexpr int C = V::columns;
    const int64_t left = y.rows - first, live = left < count ? left : count;
    if (chunk.first == first && chunk.count == live) return;
    chunk.first = first;
    chunk.count = live;
    const Rows rows{nullptr, chunk.first, chunk.count};
    int64_t packed = 0;
    chunk.largest = 0;
    for (int64_t g = 0; g < chunk.groups(); ++g) {
        T* group = chunk.packed + g * C * y.features;
        if (packed <= g * C) packed += pack_groups<C>(y, rows, packed, map, group);
        double norm[C];
        squared_norms(group, y.features, C, norm);
        for (const double each : norm) {
            if (each > chunk.largest) chunk.largest = static_cast<T>(each);
        }
        if (method == Method::product) {
            for (int64_t i = 0; i < C * y.features; ++i) group[i] *= T(-2);
        } else {
            std::fill_n(norm, C, 0.0);
        }
        for (int c = 0; c < C; ++c) {
            const int64_t column = g * C + c;
            chunk.norm[column] = static_cast<T>(norm[c]);
            chunk.start[column] = column < chunk.count ? static_cast<T>(norm[c] * (1.0 - lowered))
                                                       : beyond_any<T>;
        }
    }
}

// The smallest float that is at least `value`.
inline float up(double value) {
    const float rounded = static_cast<float>(value);
    return static_cast<double>(rounded) < value
               ? std::nextafterf(rounded, std::numeric_limits<float>::infinity())
               : rounded;
}

inline bool is_finite(const Table& table, int64_t row) {
    for (int64_t f = 0; f < table.features; ++f) {
        if (!std::isfinite(table.at(row, f))) return false;
    }
    return true;
}

// Squared lengths of a panel's rows, and whether their numbers can be used as packed. Rows too far
// out are zeroed and marked as outlying; a number that is not finite ends the work.
template <class T>
inline Outcome inspect(const Table& x, const Rows& rows, int64_t begin, int lanes, T* panel,
                       bool* outlying, double* norm) {
    squared_norms(panel, x.features, lanes, norm);
    bool suspect = false;
    for (int lane = 0; lane < lanes; ++lane) suspect |= !(norm[lane] <= far * far);
    for (int lane = 0; lane < lanes; ++lane) outlying[begin + lane] = false;
    if (!suspect) return Outcome::done;
    for (int lane = 0; lane < lanes && begin + lane < rows.count; ++lane) {
        if (norm[lane] <= far * far) continue;
        if (!is_finite(x, rows[begin + lane])) return Outcome::not_finite;
        if (sizeof(T) == 8) continue;
        outlying[begin + lane] = true;
        for (int64_t f = 0; f < x.features; ++f) panel[f * lanes + lane] = 0;
        norm[lane] = 0.0;
    }
    return Outcome::done;
}

}  // namespace gramian::GRAMIAN_ISA
