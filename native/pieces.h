// A search whose columns are shared out.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "core.h"

namespace gramian {

// Few rows against many columns: the columns are searched in pieces at the same time, and their
// lists merged. Every list is exact, so pieces change no result.
class Pieces {
  public:
    Pieces(const Search& whole, int64_t count, int64_t chunk)
        : whole_(whole), jobs_(static_cast<size_t>(count), whole) {
        const size_t held = static_cast<size_t>(whole.x.rows * whole.k);
        index_.resize(held * jobs_.size());
        distance_.resize(held * jobs_.size());
        const int64_t chunks = (whole.y.rows + chunk - 1) / chunk;
        for (int64_t p = 0; p < count; ++p) {
            Search& job = jobs_[static_cast<size_t>(p)];
            job.first_column = p * chunks / count * chunk;
            job.last_column = std::min(whole.y.rows, (p + 1) * chunks / count * chunk);
            job.index = index_.data() + held * static_cast<size_t>(p);
            job.distance = distance_.data() + held * static_cast<size_t>(p);
        }
    }

    const Search& operator[](int64_t piece) const { return jobs_[static_cast<size_t>(piece)]; }

    // The k best of every row by (form, column); later pieces have larger columns.
    void merge() const {
        std::vector<int64_t> taken(jobs_.size());
        for (int64_t row = 0; row < whole_.x.rows; ++row) {
            std::fill(taken.begin(), taken.end(), row * whole_.k);
            for (int64_t to = row * whole_.k; to < (row + 1) * whole_.k; ++to) {
                const size_t best = first_of(taken, (row + 1) * whole_.k);
                const int64_t from = taken[best]++;
                whole_.index[to] = jobs_[best].index[from];
                if (whole_.distance) whole_.distance[to] = jobs_[best].distance[from];
            }
        }
    }

  private:
    // The piece whose list goes on with the smallest form.
    size_t first_of(const std::vector<int64_t>& taken, int64_t end) const {
        size_t best = jobs_.size();
        for (size_t p = 0; p < jobs_.size(); ++p) {
            if (taken[p] == end || jobs_[p].index[taken[p]] < 0) continue;
            if (best == jobs_.size() ||
                jobs_[p].distance[taken[p]] < jobs_[best].distance[taken[best]]) {
                best = p;
            }
        }
        return best;
    }

    Search whole_;
    std::vector<Search> jobs_;
    std::vector<int64_t> index_;
    std::vector<double> distance_;
};

}  // namespace gramian
