// The leaf nearest to a query, by which queries are brought into order.
#pragma once
#include "forms.h"

namespace gramian::GRAMIAN_ISA::tree {

inline void locate(const Tree& tree, const Table& x, int64_t tile, int64_t* leaf) {
    const Shape& shape = tree.shape;
    const int64_t end = (tile + 1) * rows_at_once < x.rows ? (tile + 1) * rows_at_once : x.rows;
    with_features(shape.features, [&](auto features) {
        double query[most_features];
        for (int64_t row = tile * rows_at_once; row < end; ++row) {
            for (int64_t f = 0; f < features.count(); ++f) query[f] = x.at(row, f);
            int64_t node = 0;
            while (node < shape.nodes) {
                double low[lanes];
                box_forms<Form::squared_euclidean>(
                    features, query, query, tree.boxes + node * 2 * features.count() * lanes)
                    .store(low);
                int64_t nearest = lanes - 1;
                for (int64_t lane = lanes - 2; lane >= shape.first_lane(node); --lane) {
                    if (low[lane] <= low[nearest]) nearest = lane;
                }
                node = node * lanes + nearest + shape.shift();
            }
            leaf[row] = node - shape.nodes;
        }
    });
}

}  // namespace gramian::GRAMIAN_ISA::tree
