// The core of one instruction set, in its own namespace.
#include "bounds.h"
#include "inertia.h"
#include "potential.h"
#include "radius.h"
#include "refine.h"
#include "squared_gaps.h"
#include "sums.h"

namespace gramian::GRAMIAN_ISA {

template <class V>
inline void evaluate_with(Function function, const typename V::scalar* in, typename V::scalar* out,
                          int64_t count) {
    for (int64_t i = 0; i < count; i += V::width) {
        typename V::scalar held[V::width] = {};
        const int64_t left = count - i, live = left < V::width ? left : V::width;
        for (int64_t j = 0; j < live; ++j) held[j] = in[i + j];
        const auto x = V::loadu(held);
        V::storeu(held, function == Function::exp2   ? exp2<V>(x)
                        : function == Function::log2 ? log2<V>(x)
                                                     : quarter_cosine<V>(x));
        for (int64_t j = 0; j < live; ++j) out[i + j] = held[j];
    }
}

inline void evaluate(Function function, bool is_double, const void* in, void* out, int64_t count) {
    if (is_double) {
        evaluate_with<F64>(function, static_cast<const double*>(in), static_cast<double*>(out), count);
    } else {
        evaluate_with<F32>(function, static_cast<const float*>(in), static_cast<float*>(out), count);
    }
}

#define GRAMIAN_NAME_OF(isa) #isa
#define GRAMIAN_NAME(isa) GRAMIAN_NAME_OF(isa)

extern const Core core;
const Core core{
    GRAMIAN_NAME(GRAMIAN_ISA), Rough::none, Rough::none, search_tiles, search_bytes, search,
    assign_tiles, assign_bytes, assign, inertia,
    squared_gaps, move_bounds, refine_bytes, refine,
    potential_tiles, potential_bytes, potential,
    radius_tiles, radius_bytes, radius,
    sum_tiles, sum_bytes, sum,
    evaluate,
};

}  // namespace gramian::GRAMIAN_ISA
