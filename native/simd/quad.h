// Four vectors that go through a function in step. A chain of dependent operations leaves most of
// the processor's units waiting; four chains side by side keep them busy. A Quad offers what a
// vector type offers, so that a function written for one serves both.
#pragma once
#include <cstdint>

namespace gramian::GRAMIAN_ISA {

template <class V>
struct Quad {
    using scalar = typename V::scalar;
    struct reg {
        typename V::reg a, b, c, d;
    };
    struct mask {
        typename V::mask a, b, c, d;
    };
    static constexpr int width = 4 * V::width;
    static constexpr int steps = V::steps;

    [[gnu::always_inline]] static reg set1(scalar s) {
        return {V::set1(s), V::set1(s), V::set1(s), V::set1(s)};
    }

    // four vectors, so many numbers apart
    [[gnu::always_inline]] static reg load(const scalar* p, int64_t apart = V::width) {
        return {V::load(p), V::load(p + apart), V::load(p + 2 * apart), V::load(p + 3 * apart)};
    }
    [[gnu::always_inline]] static void store(scalar* p, const reg& x, int64_t apart = V::width) {
        V::store(p, x.a);
        V::store(p + apart, x.b);
        V::store(p + 2 * apart, x.c);
        V::store(p + 3 * apart, x.d);
    }

#define GRAMIAN_OF_ONE(name)                                                \
    [[gnu::always_inline]] static reg name(const reg& x) {                  \
        return {V::name(x.a), V::name(x.b), V::name(x.c), V::name(x.d)};    \
    }
#define GRAMIAN_OF_TWO(result, name)                                                         \
    [[gnu::always_inline]] static result name(const reg& x, const reg& y) {                  \
        return {V::name(x.a, y.a), V::name(x.b, y.b), V::name(x.c, y.c), V::name(x.d, y.d)}; \
    }
    GRAMIAN_OF_ONE(sqrt)
    GRAMIAN_OF_ONE(abs)
    GRAMIAN_OF_ONE(exponent)
    GRAMIAN_OF_ONE(power_of_step)
    GRAMIAN_OF_TWO(reg, add)
    GRAMIAN_OF_TWO(reg, sub)
    GRAMIAN_OF_TWO(reg, mul)
    GRAMIAN_OF_TWO(reg, div)
    GRAMIAN_OF_TWO(reg, min)
    GRAMIAN_OF_TWO(reg, max)
    GRAMIAN_OF_TWO(reg, scale)
    GRAMIAN_OF_TWO(mask, lt)
#undef GRAMIAN_OF_ONE
#undef GRAMIAN_OF_TWO

    [[gnu::always_inline]] static reg fma(const reg& x, const reg& y, const reg& z) {
        return {V::fma(x.a, y.a, z.a), V::fma(x.b, y.b, z.b), V::fma(x.c, y.c, z.c),
                V::fma(x.d, y.d, z.d)};
    }
    [[gnu::always_inline]] static reg fms(const reg& x, const reg& y, const reg& z) {
        return {V::fms(x.a, y.a, z.a), V::fms(x.b, y.b, z.b), V::fms(x.c, y.c, z.c),
                V::fms(x.d, y.d, z.d)};
    }
    [[gnu::always_inline]] static reg split(const reg& x, reg& n) {
        return {V::split(x.a, n.a), V::split(x.b, n.b), V::split(x.c, n.c), V::split(x.d, n.d)};
    }
    [[gnu::always_inline]] static reg select(const mask& m, const reg& yes, const reg& no) {
        return {V::select(m.a, yes.a, no.a), V::select(m.b, yes.b, no.b),
                V::select(m.c, yes.c, no.c), V::select(m.d, yes.d, no.d)};
    }
};

}  // namespace gramian::GRAMIAN_ISA
