// The fixed grid of tiles and chunks.
#pragma once
#include "method.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t most_rows = 480;
constexpr int64_t row_numbers = 384 * 1024;     // packed numbers of x per tile
constexpr int64_t column_numbers = 128 * 1024;  // packed numbers of y per chunk

// `larger`: how many times more rows a tile has. Every tile packs all columns, for which it pays.
inline Tiles grid(int64_t features, int64_t panel, int64_t larger = 1) {
    const int64_t rows = larger * row_numbers / features / panel * panel;
    const int64_t columns = column_numbers / features;
    const int64_t unit = columns >= 512 ? 512 : columns >= 128 ? 128 : 8;
    const int64_t most = larger * most_rows / panel * panel;
    return {rows < panel ? panel : rows > most ? most : rows,
            columns > 4096 ? 4096 : columns < 8 ? 8 : columns / unit * unit};
}

}  // namespace gramian::GRAMIAN_ISA
