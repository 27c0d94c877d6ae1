// The way of a group of queries through the tree, nearest boxes first.
#pragma once
#include "group.h"

namespace gramian::GRAMIAN_ISA::tree {

constexpr int most_waiting = most_levels * static_cast<int>(lanes);

// Visits the leaves that may matter to a group, all but its home. `visitor.lows(forms, node)` makes
// lower bounds of the forms of a node's boxes; `bound()` is the largest one that matters;
// `needs(low, slot)` is asked again when a slot's turn has come; `leaf(number, slot)` searches.
template <Form form, int Known, class Visitor>
inline void walk(const Tree& tree, Features<Known> features, const Group& group,
                 Visitor& visitor) {
    const Shape& shape = tree.shape;
    const int64_t shift = shape.shift(), home = shape.nodes + group.home;
    // apart, because what was just stored is fetched at once only in the size it was stored in
    double lows[most_waiting];
    int64_t slots[most_waiting];
    int count = 0;
    for (int64_t node = 0; node < shape.nodes;) {
        const Octet found = visitor.lows(
            box_forms<form>(features, group.low, group.high,
                            tree.boxes + node * 2 * features.count() * lanes),
            node);
        uint32_t near = found.at_most(visitor.bound());
        near &= ~0u << shape.first_lane(node);
        double low[lanes];
        found.store(low);
        const int bottom = count;
        for (; near; near &= near - 1) {
            const int lane = __builtin_ctz(near);
            // the nearest last, and the first of equally near ones after the others
            int at = count++;
            for (; at > bottom && lows[at - 1] <= low[lane]; --at) {
                lows[at] = lows[at - 1];
                slots[at] = slots[at - 1];
            }
            lows[at] = low[lane];
            slots[at] = node * lanes + lane;
        }
        for (node = shape.nodes; count > 0 && node >= shape.nodes;) {
            --count;
            if (!visitor.needs(lows[count], slots[count])) continue;
            node = slots[count] + shift;
            if (node >= shape.nodes && node != home) visitor.leaf(node - shape.nodes, slots[count]);
        }
    }
}

}  // namespace gramian::GRAMIAN_ISA::tree
