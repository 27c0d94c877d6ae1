// Rows that one search after the other rounds to bytes.
#pragma once
#include <cstdlib>
#include <memory>
#include <vector>

#include "core.h"

namespace gramian {

// Room for the rounded rows of one table, and the frame in which they were rounded.
class RowKeeper {
  public:
    RowKeeper(int64_t rows, int64_t features);

    // The bytes that so many rows take.
    static int64_t bytes(int64_t rows, int64_t features);

    // The frame to search in where the columns' own is `now`: that of the rows while columns lie
    // well in it. Else they are forgotten, and rounded again in the new one.
    Frame frame(const Frame& now);

    KeptRows view() const { return {records_, stride_}; }

  private:
    struct Free {
        void operator()(char* memory) const { std::free(memory); }
    };

    bool fits(const Frame& now) const;

    int64_t rows_, stride_;
    std::unique_ptr<char, Free> memory_;
    char* records_;
    std::vector<double> centre_;
    double scale_ = 0.0;  // no frame yet
};

}  // namespace gramian
