// Tables of every layout, and what plain loops in double make of them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../frame.h"
#include "functions.h"

namespace gramian {

// Numbers of either type.
struct Numbers {
    std::vector<char> bytes;
    bool is_double;

    Numbers(int64_t count, bool is_double)
        : bytes(static_cast<size_t>(count) * (is_double ? 8 : 4)), is_double(is_double) {}

    void* data() { return bytes.data(); }

    double at(int64_t place) const {
        return Table{bytes.data(), place + 1, 1, 1, 1, is_double}.at(place, 0);
    }

    void set(int64_t place, double value) {
        const auto narrow = static_cast<float>(value);
        const void* from = is_double ? static_cast<const void*>(&value) : &narrow;
        const size_t size = is_double ? 8 : 4;
        std::memcpy(bytes.data() + static_cast<size_t>(place) * size, from, size);
    }
};

// A table in a layout of its own, with NaN wherever it has no number.
class Points {
  public:
    static constexpr int n_layouts = 5;

    Points(int64_t n, int64_t d, bool is_double, int layout, unsigned seed, double offset)
        : numbers_(room(n, d), is_double) {
        const std::pair<int64_t, int64_t> strides[n_layouts] = {
            {d, 1}, {1, n}, {d + 3, 1}, {2 * d, 2}, {1, 1}};
        const auto [row, feature] = strides[layout];
        std::mt19937 generator(seed);
        std::normal_distribution<double> normal;
        for (int64_t i = 0; i < room(n, d); ++i) numbers_.set(i, std::nan(""));
        for (int64_t i = 0; i < n; ++i) {
            for (int64_t f = 0; f < d; ++f) {
                const double drawn = normal(generator);
                // a lattice, where ties abound, in one layout
                const double number = layout == 2 ? std::round(2.0 * drawn) : drawn;
                numbers_.set(i * row + f * feature, number + offset);
            }
        }
        table = {numbers_.data(), n, d, row, feature, is_double};
    }
    Points(const Points&) = delete;
    Points& operator=(const Points&) = delete;

    Table table;

  private:
    static int64_t room(int64_t n, int64_t d) { return 2 * (n + 1) * (d + 3); }

    Numbers numbers_;
};

struct Kernel {
    Form form;
    Profile profile;
    double rate, alpha;
};

// A true value, and what its error is measured by: the same with every term positive. `slack` is
// for entries that jump.
struct Value {
    double value, magnitude, slack;
};

using Sorted = std::vector<std::vector<std::pair<double, int64_t>>>;

inline const char* name_of(Profile profile) {
    constexpr const char* names[n_profiles] = {
        "identity", "root",   "exponential",  "root_decay", "matern32", "matern52",
        "rational", "tophat", "epanechnikov", "triangular", "cosine"};
    return names[static_cast<int>(profile)];
}

inline bool logarithm_of(Profile profile) {
    return profile == Profile::exponential || profile == Profile::root_decay ||
           profile == Profile::matern32 || profile == Profile::matern52 ||
           profile == Profile::rational;
}

inline bool is_window(Profile profile) { return profile >= Profile::tophat; }

inline double entry_of(const Kernel& kernel, double t) {
    const double u = kernel.rate * t, s = std::sqrt(std::fabs(u));
    switch (kernel.profile) {
        case Profile::identity: return t;
        case Profile::root: return std::sqrt(t);
        case Profile::exponential: return std::exp2(u);
        case Profile::root_decay: return std::exp2(kernel.rate * std::sqrt(t));
        case Profile::matern32: return (1.0 + s) * std::exp(-s);
        case Profile::matern52: return (1.0 + s + s * s / 3.0) * std::exp(-s);
        case Profile::rational: return std::pow(1.0 + u, -kernel.alpha);
        case Profile::tophat: return u < 1.0 ? 1.0 : 0.0;
        case Profile::epanechnikov: return u < 1.0 ? 1.0 - u : 0.0;
        case Profile::triangular: return s < 1.0 ? 1.0 - s : 0.0;
        case Profile::cosine: return u < 1.0 ? quarter_cosine(u) : 0.0;
    }
    return t;
}

struct Problem {
    int64_t n, m, d;
    bool is_double;
    int layout;
    Points x, y;

    Problem(int64_t n, int64_t m, int64_t d, bool is_double, int layout, double offset)
        : n(n), m(m), d(d), is_double(is_double), layout(layout),
          x(n, d, is_double, layout, 1, offset),
          y(m, d, is_double, layout, 2, offset) {
        for (const Form of : {Form::squared_euclidean, Form::manhattan, Form::chebyshev}) {
            auto& forms = forms_[static_cast<size_t>(of)];
            for (int64_t i = 0; i < n; ++i) {
                for (int64_t j = 0; j < m; ++j) forms.push_back(by_loop(of, i, j));
            }
        }
    }

    double form(Form of, int64_t i, int64_t j) const {
        return forms_[static_cast<size_t>(of)][static_cast<size_t>(i * m + j)];
    }

    double gap(size_t i, size_t j, size_t f) const {
        const auto feature = static_cast<int64_t>(f);
        return x.table.at(static_cast<int64_t>(i), feature) -
               y.table.at(static_cast<int64_t>(j), feature);
    }

    // The columns of each row by (form, column).
    Sorted sorted(Form of) const {
        Sorted rows(static_cast<size_t>(n));
        for (int64_t i = 0; i < n; ++i) {
            auto& row = rows[static_cast<size_t>(i)];
            for (int64_t j = 0; j < m; ++j) row.emplace_back(form(of, i, j), j);
            std::sort(row.begin(), row.end());
        }
        return rows;
    }

    // A kernel whose bandwidth is about the distance of a pair.
    Kernel kernel(Form of, Profile profile) const {
        const double typical = form(of, 0, m / 2) + static_cast<double>(d);
        const double fall = profile == Profile::root_decay ? std::sqrt(typical) : typical;
        const bool decay = profile == Profile::exponential || profile == Profile::root_decay;
        return {of, profile, (decay ? -1.0 : 1.0) / fall, 0.7};
    }

    // Its entries, (n, m).
    std::vector<double> entries(const Kernel& kernel) const {
        std::vector<double> found;
        for (const double t : forms_[static_cast<size_t>(kernel.form)]) {
            found.push_back(entry_of(kernel, t));
        }
        return found;
    }

    // What the job is asked for at row i and column or right-hand side c.
    Value value(const Kernel& kernel, const std::vector<double>& table, const Sum& job, int64_t i,
                int64_t c) const {
        const double peak = is_window(kernel.profile) ? 1.0 : 0.0;
        double total = 0.0, magnitude = 0.0, entries = 0.0, slack = 0.0;
        const int64_t first = job.goal == Goal::block ? c : 0;
        for (int64_t j = first; j < (job.goal == Goal::block ? c + 1 : m); ++j) {
            double term = table[static_cast<size_t>(i * m + j)];
            entries += term;
            if (job.goal == Goal::logsumexp) term = job.logarithm ? term : std::exp(term);
            const double weight = job.right() ? job.weights.at(j, c) : 1.0;
            total += weight * term;
            magnitude += std::fabs(weight) * (peak > 0.0 ? peak : std::fabs(term));
            const double u = kernel.rate * form(kernel.form, i, j);
            const bool jumps = kernel.profile == Profile::tophat && std::fabs(u - 1.0) < 1e-4;
            if (jumps) slack += std::fabs(weight);
        }
        if (job.goal == Goal::logsumexp) {
            const double found = std::log(total);
            return {found, std::fabs(found) + 1.0, 10.0 * slack};
        }
        const double divisor = job.goal == Goal::weighted_mean ? entries : 1.0;
        return {total / divisor, magnitude / divisor, slack};
    }

  private:
    // As float64 brute force has it: features in order, every operation rounded.
    double by_loop(Form of, int64_t i, int64_t j) const {
        double total = 0.0;
        for (int64_t f = 0; f < d; ++f) {
            const double gap = x.table.at(i, f) - y.table.at(j, f);
            if (of == Form::squared_euclidean) total += gap * gap;
            if (of == Form::manhattan) total += std::fabs(gap);
            if (of == Form::chebyshev) total = std::fmax(total, std::fabs(gap));
        }
        return total;
    }

    std::vector<double> forms_[3];
};

}  // namespace gramian
