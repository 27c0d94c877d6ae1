#include "cluster.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "../workers.h"
#include "boxes.h"
#include "forest.h"
#include "tree.h"

namespace gramian::grid {
namespace {

constexpr int32_t blocks_at_once = 8;
constexpr int32_t blocks_asked = 32;  // for an estimate
constexpr int32_t nobody = std::numeric_limits<int32_t>::max();

// Tiles on threads, with an exception for whatever ends them early.
class Threads {
  public:
    Threads(int workers, const std::function<bool()>& interrupted)
        : workers_(workers), interrupted_(interrupted) {}

    template <class OfTile>
    void run(int64_t tiles, size_t bytes, OfTile work) const {
        std::atomic<bool> full{false};
        const auto workers = static_cast<int>(std::min<int64_t>(workers_, tiles));
        const Outcome outcome = run_tiles(
            tiles, workers, bytes,
            [&](int64_t tile, void* scratch, Watch&) {
                try {
                    work(tile, scratch);
                } catch (const std::bad_alloc&) {  // must not leave its thread
                    full = true;
                    return Outcome::stopped;
                }
                return Outcome::done;
            },
            interrupted_);
        if (full) throw std::bad_alloc();
        if (outcome == Outcome::stopped) throw Interrupted{};
    }

  private:
    int workers_;
    const std::function<bool()>& interrupted_;
};

class Clusterer {
  public:
    Clusterer(const Clustering& asked, const Threads& threads)
        : asked_(asked), threads_(threads), rows_(static_cast<size_t>(asked.x.rows)) {
        tree_ = make_tree(asked.x, asked.form, asked.reaches[0],
                          [&](int64_t tiles, const std::function<void(int64_t)>& work) {
                              threads.run(tiles, 0, [&](int64_t tile, void*) { work(tile); });
                          });
        core_ = std::make_unique<bool[]>(rows_);
        parent_ = std::make_unique<std::atomic<int32_t>[]>(rows_);
        job_ = {asked.form,
                0.0,
                0.0,
                asked.wanted,
                asked.weights,
                has_negative(),
                asked.x.features,
                asked.x.is_double,
                tree_.nodes.data(),
                static_cast<int32_t>(tree_.nodes.size()),
                tree_.boxes.data(),
                tree_.blocks.data(),
                static_cast<int32_t>(tree_.blocks.size()),
                tree_.order.data(),
                core_.get(),
                parent_.get(),
                asked.labels};
    }

    // Of all pairs of rows, the share in blocks that are within reach of each other, but not as a
    // whole: an estimate from some of the blocks.
    double share() {
        set_reach(asked_.reaches[asked_.radii - 1]);
        const int32_t step = std::max(1, job_.n_blocks / blocks_asked);
        double pairs = 0.0, rows = 0.0;
        for (int32_t b = step / 2; b < job_.n_blocks; b += step) {
            const Block& block = job_.blocks[b];
            rows += block.rows;
            pairs += block.rows * with_form(job_.form, [&](auto form) {
                return near_rows<form()>(job_.boxes + int64_t{block.node} * 2 * job_.features);
            });
        }
        return pairs / (rows * static_cast<double>(rows_));
    }

    // One radius after the other: what is core, and who is joined, stays so.
    void run() {
        const std::vector<double> boxes = asked_.radii > 1 ? tree_.boxes : std::vector<double>();
        for (int64_t radius = 0; radius < asked_.radii; ++radius) {
            if (radius > 0) std::copy(boxes.begin(), boxes.end(), tree_.boxes.begin());
            if (radius > 0 && job_.negative) forget();
            set_reach(asked_.reaches[radius]);
            job_.labels = asked_.labels + radius * asked_.x.rows;
            label();
            bool* core = asked_.core + radius * asked_.x.rows;
            each_block([&](const Block& block) {
                for (int32_t i = block.first; i < block.first + block.rows; ++i) {
                    core[job_.order[i]] = core_[static_cast<size_t>(i)];
                }
            });
        }
    }

  private:
    using Pass = void (*)(const Job&, int32_t, const Space&);

    void set_reach(double reach) {
        const auto terms = static_cast<double>(job_.features + 8);
        job_.reach = reach;
        job_.beyond_reach = reach * (1.0 + std::ldexp(terms, -51));
    }

    // With negative weights a row may cease to be core as the radius grows.
    void forget() {
        std::fill_n(core_.get(), rows_, false);
        for (Block& block : tree_.blocks) block.cores = 0;
    }

    void label() {
        const Passes& work = passes();
        pass(work.count);
        pass(work.arrange);
        shrink_boxes();
        pass(work.join);
        number();
        pass(work.border);
    }

    bool has_negative() const {
        return asked_.weights && std::any_of(asked_.weights, asked_.weights + rows_,
                                             [](double weight) { return weight < 0.0; });
    }

    template <Form form>
    double near_rows(const double* box) const {
        const int64_t d = job_.features;
        double rows = 0.0;
        for (int32_t i = 0; i < job_.n_nodes;) {
            const Node& node = job_.nodes[i];
            const double* other = job_.boxes + int64_t{i} * 2 * d;
            if (gaps<form>(box, box + d, other, d, d) > job_.reach ||
                surrounded<form>(box, other, d, job_.reach)) {
                i = node.next;
                continue;
            }
            if (node.block >= 0) rows += node.rows;
            ++i;
        }
        return rows;
    }

    // Calls `use(block, scratch)` for the number of each block.
    template <class Use>
    void each_number(size_t bytes, Use use) {
        const int32_t tiles = (job_.n_blocks + blocks_at_once - 1) / blocks_at_once;
        threads_.run(tiles, bytes, [&](int64_t tile, void* scratch) {
            const auto from = static_cast<int32_t>(tile) * blocks_at_once;
            const int32_t to = std::min(job_.n_blocks, from + blocks_at_once);
            for (int32_t b = from; b < to; ++b) use(b, scratch);
        });
    }

    template <class Use>
    void each_block(Use use) {
        each_number(0, [&](int32_t b, void*) { use(job_.blocks[b]); });
    }

    void pass(Pass work) {
        const auto d = static_cast<size_t>(job_.features);
        const auto blocks = static_cast<size_t>(job_.n_blocks) + 1;
        const size_t found = job_.weights ? rows_ : 0;
        const size_t bytes = 3 * d * sizeof(double) + (blocks + found) * sizeof(int32_t);
        each_number(bytes, [&](int32_t block, void* scratch) {
            auto* numbers = static_cast<double*>(scratch);
            auto* places = reinterpret_cast<int32_t*>(numbers + 3 * d);
            work(job_, block, {numbers, numbers + d, places, places + blocks});
        });
    }

    // Boxes above the blocks, now that those of the blocks hold core rows only.
    void shrink_boxes() {
        for (int32_t i = job_.n_nodes - 1; i >= 0; --i) {
            if (job_.nodes[i].block < 0) {
                join_boxes(tree_.nodes, tree_.boxes, i, job_.features);
            }
        }
    }

    // Labels of the core rows: clusters are numbered by their first one.
    void number() {
        const auto first = std::make_unique<std::atomic<int32_t>[]>(rows_);  // row, by root
        each_block([&](const Block& block) {
            for (int32_t i = block.first; i < block.first + block.rows; ++i) {
                first[static_cast<size_t>(i)].store(nobody, std::memory_order_relaxed);
                job_.labels[job_.order[i]] = -1;
            }
        });
        each_block([&](const Block& block) {
            for (int32_t i = block.first; i < block.first + block.cores; ++i) {
                std::atomic<int32_t>& lowest = first[root_of(i)];
                int32_t known = lowest.load(std::memory_order_relaxed);
                while (job_.order[i] < known &&
                       !lowest.compare_exchange_weak(known, job_.order[i],
                                                     std::memory_order_relaxed)) {
                }
            }
        });
        constexpr int64_t leads = -2;
        each_block([&](const Block& block) {
            for (int32_t i = block.first; i < block.first + block.cores; ++i) {
                if (root_of(i) != static_cast<size_t>(i)) continue;
                job_.labels[first[root_of(i)].load(std::memory_order_relaxed)] = leads;
            }
        });
        int64_t clusters = 0;
        for (size_t row = 0; row < rows_; ++row) {
            if (job_.labels[row] == leads) job_.labels[row] = clusters++;
        }
        each_block([&](Block& block) {
            for (int32_t i = block.first; i < block.first + block.cores; ++i) {
                const int32_t leader = first[root_of(i)].load(std::memory_order_relaxed);
                const int64_t label = job_.labels[leader];
                if (job_.order[i] != leader) job_.labels[job_.order[i]] = label;
                block.label = label;
            }
        });
    }

    size_t root_of(int32_t position) const {
        return static_cast<size_t>(find_root(job_.parent, position));
    }

    const Clustering& asked_;
    const Threads& threads_;
    size_t rows_;
    Tree tree_;
    std::unique_ptr<bool[]> core_;
    std::unique_ptr<std::atomic<int32_t>[]> parent_;
    Job job_{};
};

}  // namespace

bool cluster(const Clustering& job, int workers, const std::function<bool()>& interrupted) {
    const Threads threads(workers, interrupted);
    Clusterer work(job, threads);
    if (job.most_share < 1.0 && work.share() > job.most_share) return false;
    work.run();
    return true;
}

}  // namespace gramian::grid
