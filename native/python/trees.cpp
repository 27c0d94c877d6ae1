// A k-d tree and the searches on it. Its arrays belong to Python, which can copy and store them.
#include "arrays.h"
#include "../tree/build.h"
#include "../tree/spanning.h"

#include <algorithm>

namespace gramian {
namespace {

using tree::selected_tree;

int64_t pieces(int64_t rows) { return count_tiles(rows, {tree::rows_at_once, 0}); }

struct HeldTree {
    Doubles points;
    Indices index;
    Indices starts;
    Doubles boxes;
    Indices least;

    tree::Tree view() const {
        const auto features = static_cast<int64_t>(points.shape(1));
        return {tree::shape_of(static_cast<int64_t>(index.size()), features), points.data(),
                index.data(), starts.data(), boxes.data(), least.data()};
    }
};

std::tuple<int64_t, int64_t, int64_t> tree_size(int64_t points) {
    const tree::Shape shape = tree::shape_of(points, 1);
    return {shape.blocks, shape.leaves(), shape.nodes};
}

void build(const HeldTree& held, const Array& x, int workers) {
    tree::Builder builder(table_of(x), held.view());
    for (int halving = 0; halving < builder.shared_depth(); ++halving) {
        carry_out(int64_t{1} << halving, workers, 0, [&](int64_t node, void*, Watch&) {
            builder.split(halving, node);
            return Outcome::done;
        });
    }
    carry_out(int64_t{1} << builder.shared_depth(), workers, builder.grow_bytes(),
              [&](int64_t subtree, void* scratch, Watch&) {
                  builder.grow(subtree, scratch);
                  return Outcome::done;
              });
    builder.close();
}

void arrange(const HeldTree& held, const Array& x, const Indices& order, const Indices& starts,
             int workers) {
    const tree::Tree view = held.view();
    const Table table = table_of(x);
    std::vector<int64_t> leaf(static_cast<size_t>(table.rows));
    carry_out(pieces(table.rows), workers, 0, [&](int64_t tile, void*, Watch&) {
        selected_tree().locate(view, table, tile, leaf.data());
        return Outcome::done;
    });
    int64_t* start = starts.data();
    std::fill_n(start, starts.size(), int64_t{0});
    for (const int64_t number : leaf) ++start[number + 1];
    for (size_t i = 1; i < starts.size(); ++i) start[i] += start[i - 1];
    for (int64_t row = 0; row < table.rows; ++row) {
        order.data()[start[leaf[static_cast<size_t>(row)]]++] = row;
    }
    // every start has moved on to the next one
    for (size_t i = starts.size() - 1; i > 0; --i) start[i] = start[i - 1];
    start[0] = 0;
}

tree::Queries queries_of(const HeldTree& held, const Array& x, const Indices& order,
                         const Indices& starts, int form) {
    return {held.view(), table_of(x), order.data(), starts.data(), static_cast<Form>(form)};
}

tree::Distances distances_of(const Output& distance, bool root) {
    return {distance.data(), distance.dtype() == nb::dtype<double>(), root};
}

void nearest(const HeldTree& held, const Array& x, const Indices& order, const Indices& starts,
             int form, bool root, bool others, const Indices& index,
             const Output& distance, int workers) {
    tree::Nearest job{};
    job.queries = queries_of(held, x, order, starts, form);
    job.others = others;
    job.k = static_cast<int64_t>(index.shape(1));
    job.index = index.data();
    job.distances = distances_of(distance, root);
    carry_out(pieces(job.queries.x.rows), workers, selected_tree().nearest_bytes(job.k),
              [&](int64_t tile, void* scratch, Watch&) {
                  selected_tree().nearest(job, tile, scratch);
                  return Outcome::done;
              });
}

void count_near(const HeldTree& held, const Array& x, const Indices& order,
                const Indices& starts, int form, double reach, const Indices& number, int workers) {
    tree::Within job{};
    job.queries = queries_of(held, x, order, starts, form);
    job.reach = reach;
    job.count = number.data();
    carry_out(pieces(job.queries.x.rows), workers, 0, [&](int64_t tile, void*, Watch&) {
        selected_tree().count(job, tile);
        return Outcome::done;
    });
}

void lists(const HeldTree& held, const Array& x, const Indices& order, const Indices& starts,
           int form, double reach, bool root, const Indices& indptr, const Indices& index,
           const Output& distance, int workers) {
    tree::Within job{};
    job.queries = queries_of(held, x, order, starts, form);
    job.reach = reach;
    job.indptr = indptr.data();
    job.index = index.data();
    job.distances = distances_of(distance, root);
    int64_t longest = 0;
    for (int64_t row = 0; row < job.queries.x.rows; ++row) {
        longest = std::max(longest, job.indptr[row + 1] - job.indptr[row]);
    }
    const size_t bytes = static_cast<size_t>(longest) * sizeof(tree::Neighbour);
    carry_out(pieces(job.queries.x.rows), workers, bytes,
              [&](int64_t tile, void* scratch, Watch&) {
                  selected_tree().list(job, tile);
                  tree::sort_lists(job, tile, static_cast<tree::Neighbour*>(scratch));
                  return Outcome::done;
              });
}

void spanning(const HeldTree& held, const Indices& index, const Doubles& form, const Numbers& core,
              double scale, const Indices& left, const Indices& right, const Doubles& weight,
              int workers) {
    const tree::Tree view = held.view();
    const int64_t tiles =
        (view.shape.leaves() + tree::leaves_at_once - 1) / tree::leaves_at_once;
    const tree::Lists lists{static_cast<int64_t>(index.shape(1)), index.data(), form.data()};
    tree::Spanning found(view, lists, core.data(), scale);
    while (!found.complete()) {
        const tree::Outside job = found.begin();
        carry_out(tiles, workers, 0, [&](int64_t tile, void*, Watch&) {
            selected_tree().outside(job, tile);
            return Outcome::done;
        });
        found.finish();
    }
    size_t at = 0;
    for (const tree::Edge& edge : found.edges()) {
        left.data()[at] = edge.left;
        right.data()[at] = edge.right;
        weight.data()[at++] = edge.weight;
    }
}

}  // namespace

void add_trees(nb::module_& m) {
    m.def("tree_size", &tree_size, nb::arg("points"),
          "Blocks of eight points, leaves and nodes of a tree.");
    nb::class_<HeldTree>(m, "Tree",
                         "A k-d tree on points (blocks, d, 8), index (n,), starts (leaves + 1,), "
                         "boxes (nodes, 2, d, 8) and least (nodes, 8).")
        .def(nb::init<Doubles, Indices, Indices, Doubles, Indices>(), nb::arg("points"),
             nb::arg("index"), nb::arg("starts"), nb::arg("boxes"), nb::arg("least"))
        .def("build", &build, nb::arg("x"), nb::arg("workers"),
             "Fill the tree's arrays; x (n, d) is finite.")
        .def("arrange", &arrange, nb::arg("x"), nb::arg("order"), nb::arg("starts"),
             nb::arg("workers"),
             "Fill order (rows,) with the rows of x, leaf by leaf, and starts (leaves + 1,).")
        .def("nearest", &nearest, nb::arg("x"), nb::arg("order"), nb::arg("starts"),
             nb::arg("form"), nb::arg("root"), nb::arg("others"), nb::arg("index"),
             nb::arg("distance"), nb::arg("workers"),
             "Fill index (rows, k) with the nearest points of the rows of x, and distance with "
             "forms or their roots; with `others`, row i is point i and no neighbour of its own.")
        .def("count", &count_near, nb::arg("x"), nb::arg("order"), nb::arg("starts"),
             nb::arg("form"), nb::arg("reach"), nb::arg("count"), nb::arg("workers"),
             "Fill count (rows,) with the number of points within reach.")
        .def("lists", &lists, nb::arg("x"), nb::arg("order"), nb::arg("starts"), nb::arg("form"),
             nb::arg("reach"), nb::arg("root"), nb::arg("indptr"), nb::arg("index"),
             nb::arg("distance"), nb::arg("workers"),
             "Fill index and distance with the points within reach, row i from indptr[i] on.")
        .def("spanning", &spanning, nb::arg("index"), nb::arg("form"), nb::arg("core"),
             nb::arg("scale"), nb::arg("left"), nb::arg("right"), nb::arg("weight"),
             nb::arg("workers"),
             "Fill left, right and weight (n - 1,) with the edges of the minimum spanning tree of "
             "squared mutual reachability, in order; index and form (n, k) are the rows' nearest "
             "rows, core (n,) is squared, and squared distances are multiplied by scale.");
}

}  // namespace gramian
