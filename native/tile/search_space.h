// The grid of a search and what one worker keeps in memory for it.
#pragma once
#include "bytes_pass.h"
#include "candidates.h"
#include "grid.h"
#include "shortlist.h"
#include "shorts.h"

namespace gramian::GRAMIAN_ISA {

constexpr int64_t rough_tiles = 3;    // how many times more rows a tile has that goes roughly first
constexpr int64_t region_tiles = 9;   // and one whose rows are looked up, so that few are left
constexpr int64_t most_search_rows = region_tiles * most_rows;

// Rows that are packed at a time.
inline Tiles packed_tiles(const Search& job) {
    Tiles tiles = grid(job.x.features, Shape<F32>::rows);
    // the faster the forms, the more rows must share the packing of columns that make many chunks
    if (job.rough != Rough::none && job.x.features >= 64 && job.y.rows > tiles.columns) {
        tiles = grid(job.x.features, Shape<F32>::rows, rough_tiles);
    }
    const int64_t lists = (1 << 17) / Candidates<F32>::capacity_for(job.k);
    const int64_t fewer = lists / Shape<F32>::rows * Shape<F32>::rows;
    if (tiles.rows > fewer) tiles.rows = fewer > 0 ? fewer : Shape<F32>::rows;
    return tiles;
}

inline Tiles search_tiles(const Search& job) {
    Tiles tiles = packed_tiles(job);
    if (job.regions) tiles.rows *= region_tiles;
    return tiles;
}

// Whether pairs of 16 bits may go first: processors that multiply bytes multiply them too.
inline bool takes_shorts(const Search& job) {
    const int64_t d = job.x.features, columns = job.y.rows;
    return job.k == 1 && job.rough == Rough::bytes && !rough_pays(job.rough, d, columns) &&
           shorts_pay(d, columns) && columns <= packed_tiles(job).columns;
}

struct SearchSpace {
    Tiles tiles;
    float* x;             // [panel][feature][row]
    double* wide_x;       // the same in double, for fewer rows
    float* best;          // [row], and of a panel that is gathered
    float* second;        // [row], and these
    int32_t* group;       // [row] group of the chunk's columns with the best, -1 for none
    int32_t* column;      // [row] the chunk's column with the best, -1 for none; and these
    float* length;        // [row] squared
    bool* outlying;       // [row]
    bool* none;           // [row] outlying rows among the open ones: there are none
    int64_t* open;        // [row] rows that the first pass leaves open
    float* reach;         // [row] how far their candidates may be
    int64_t* beyond;      // [row] rows for double
    int64_t* left;        // [row] rows of a whole tile that no cell settles, and one more place
    uint32_t* rough_x;    // [panel][pair or four features][row], where the job goes roughly first
    float* rough_best;    // [row] smallest rough form
    float* loss;          // [row] squared length of what rounding took away
    float* unit;          // [row] what one step of a byte stands for
    Shortlist* shortlist; // [row]
    ByteRows words;
    bool* rough_off;      // whether rough forms left too many rows open so far
    bool* tight;          // whether the product form left too many rows open so far
    Chunk<F32>* chunk;
    HalvesChunk* rough_chunk;
    ShortsChunk* shorts;
    float* gathered;      // [feature][row] a panel of rows that pairs of 16 bits leave open
    ByteChunk* byte_chunk;
    ByteBlock<F32>* byte_block;
    Chunk<F64>* wide_chunk;
    Candidates<F32> found;
    Candidates<F64> wide_found;

    SearchSpace(const Search& job, Arena& arena) : tiles(packed_tiles(job)) {
        const int64_t d = job.x.features, n = tiles.rows, more = Shape<F32>::rows;  // gathered ones
        chunk = arena.take_clear<Chunk<F32>>();
        wide_chunk = arena.take_clear<Chunk<F64>>();
        rough_chunk = arena.take_clear<HalvesChunk>();
        shorts = arena.take_clear<ShortsChunk>();
        byte_chunk = arena.take_clear<ByteChunk>();
        rough_off = arena.take_clear<bool>();
        tight = arena.take_clear<bool>();
        x = arena.take<float>(n * d);
        wide_x = arena.take<double>(wide_rows() * d);
        best = arena.take<float>(n + more);
        second = arena.take<float>(n + more);
        group = arena.take<int32_t>(n);
        column = arena.take<int32_t>(n + more);
        length = arena.take<float>(n);
        outlying = arena.take<bool>(n);
        none = arena.take<bool>(n);
        open = arena.take<int64_t>(n);
        reach = arena.take<float>(n);
        beyond = arena.take<int64_t>(n);
        left = arena.take<int64_t>(job.regions ? search_tiles(job).rows + 1 : 0);
        const bool bytes = job.rough == Rough::bytes;
        const int64_t rough = bytes ? words_of(d) : job.rough == Rough::halves ? (d + 1) / 2 : 0;
        rough_x = arena.take<uint32_t>(n * rough);
        rough_best = arena.take<float>(n);
        loss = arena.take<float>(n);
        unit = arena.take<float>(bytes ? n : 0);
        shortlist = arena.take<Shortlist>(bytes ? n : 0);
        words = ByteRows::take(arena, bytes ? d : 0);
        byte_block = arena.take<ByteBlock<F32>>(bytes ? 1 : 0);
        const int64_t halves = job.rough == Rough::halves ? rough : 0;
        uint32_t* const rough_y = arena.take<uint32_t>(tiles.columns * halves);
        const bool pairs = takes_shorts(job);
        gathered = arena.take<float>(pairs ? Shape<F32>::rows * d : 0);
        uint32_t* const shorts_y = arena.take<uint32_t>(pairs ? tiles.columns * pairs_of_shorts(d) : 0);
        const ByteChunk rounded = ByteChunk::take(arena, bytes ? tiles.columns : 0, d);
        const Chunk<F32> narrow = Chunk<F32>::take(arena, tiles.columns, d);
        const Chunk<F64> wide = Chunk<F64>::take(arena, wide_columns(), d);
        found = Candidates<F32>::take(arena, n, job.k);
        wide_found = Candidates<F64>::take(arena, wide_rows(), job.k);
        // the chunks live in the worker's memory, so that the next tile finds them packed
        if (!chunk || chunk->packed) return;
        *chunk = narrow;
        *wide_chunk = wide;
        rough_chunk->packed = rough_y;
        rough_chunk->kept = -1;
        shorts->packed = shorts_y;
        shorts->kept = -1;
        *byte_chunk = rounded;
    }

    int64_t wide_rows() const { return tiles.rows > 96 ? 96 : tiles.rows; }
    int64_t wide_columns() const { return tiles.columns < 64 ? 8 : tiles.columns / 32 * 8; }
};

// Squared distances of a few adjacent features: `exact_pairs` without its lists.
template <class T, int Features>
inline void measure_few(const Search& job, int64_t first, int64_t count, double* out) {
    const Table x = job.x, y = job.y;
    const T* const rows = static_cast<const T*>(x.data) + first * x.row_stride;
    const int64_t* const labels = job.index + first;
    for (int64_t i = 0; i < count; ++i) {
        const T* const row = rows + i * x.row_stride;
        const T* const column = static_cast<const T*>(y.data) + labels[i] * y.row_stride;
        double total = 0.0;
        for (int f = 0; f < Features; ++f) {
            const double gap = static_cast<double>(row[f]) - static_cast<double>(column[f]);
            total += gap * gap;
        }
        out[i] = total;
    }
}

template <class T>
inline bool measured_few(const Search& job, int64_t first, int64_t count, double* out) {
    if (job.form != Form::squared_euclidean || job.x.feature_stride != 1 ||
        job.y.feature_stride != 1) {
        return false;
    }
    switch (job.x.features) {
        case 1: measure_few<T, 1>(job, first, count, out); return true;
        case 2: measure_few<T, 2>(job, first, count, out); return true;
        case 3: measure_few<T, 3>(job, first, count, out); return true;
    }
    return false;
}

// The forms of adjacent rows with the columns that they have.
inline void measure_rows(const Search& job, int64_t first, int64_t count, double* out) {
    if (job.x.is_double ? measured_few<double>(job, first, count, out)
                        : measured_few<float>(job, first, count, out)) {
        return;
    }
    constexpr int64_t most = 8 * pairs_at_once;
    for (int64_t begin = first; begin < first + count; begin += most) {
        const int64_t left = first + count - begin, live = left < most ? left : most;
        int64_t row[most];
        for (int64_t i = 0; i < live; ++i) row[i] = begin + i;
        exact_pairs(job.form, job.x, row, job.y, job.index + begin, live, out + (begin - first));
    }
}

inline size_t search_bytes(const Search& job) {
    Arena count(nullptr);
    SearchSpace space(job, count);
    return count.used();
}

}  // namespace gramian::GRAMIAN_ISA
