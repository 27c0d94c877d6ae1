// Vectors of the compiler's own vector extension, 128 bits wide: the baseline of every processor,
// and NEON on arm64. Included inside the namespace of one instruction set.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace gramian::GRAMIAN_ISA {

template <class T, class I, int Width>
struct Portable {
    using scalar = T;
    typedef T reg __attribute__((vector_size(Width * sizeof(T))));
    typedef I mask __attribute__((vector_size(Width * sizeof(T))));
    using whole = mask;
    static constexpr int width = Width;
    static constexpr int columns = 4;
    static constexpr int row_vectors = 2;
    static constexpr int steps = 0;  // exp2 has no table
    static constexpr bool has_rough = false;
    static constexpr bool holds_a_group = false;

    static reg load(const T* p) { return loadu(p); }
    static reg loadu(const T* p) {
        reg a;
        std::memcpy(&a, p, sizeof a);
        return a;
    }
    static void prefetch(const char* p) { __builtin_prefetch(p); }
    // the first `count` numbers, then zeros
    static reg load_part(const T* p, int count) {
        reg a = {};
        std::memcpy(&a, p, static_cast<size_t>(count) * sizeof(T));
        return a;
    }
    // as wider vectors have it, four floats from each of several places
    static reg quads(const T* const* at, int from) { return loadu(at[0] + from); }
    static reg quad_each(const double* p) { return narrow(p); }
    static reg narrow(const double* p) {
        reg a = {};
        for (int i = 0; i < Width; ++i) a[i] = static_cast<T>(p[i]);
        return a;
    }
    static void store(T* p, reg a) { storeu(p, a); }
    static void storeu(T* p, reg a) { std::memcpy(p, &a, sizeof a); }
    static reg set1(T a) { return a - reg{}; }
    static reg add(reg a, reg b) { return a + b; }
    static reg sub(reg a, reg b) { return a - b; }
    static reg mul(reg a, reg b) { return a * b; }
    static reg div(reg a, reg b) { return a / b; }
    static reg fma(reg a, reg b, reg c) {
#if defined(__aarch64__)
        if constexpr (sizeof(T) == 4) {
            return reg(vfmaq_f32(float32x4_t(c), float32x4_t(a), float32x4_t(b)));
        } else {
            return reg(vfmaq_f64(float64x2_t(c), float64x2_t(a), float64x2_t(b)));
        }
#else
        return a * b + c;
#endif
    }
    static reg min(reg a, reg b) { return a < b ? a : b; }
    static reg max(reg a, reg b) { return a > b ? a : b; }
    static reg sqrt(reg a) {
        for (int i = 0; i < Width; ++i) a[i] = std::sqrt(a[i]);
        return a;
    }
    static reg abs(reg a) { return reg(mask(a) & ~mask(set1(T(-0.0)))); }
    static mask lt(reg a, reg b) { return a < b; }
    static mask le(reg a, reg b) { return a <= b; }
    static mask either(mask a, mask b) { return a | b; }
    static mask but_not(mask a, mask b) { return a & ~b; }
    static uint32_t bits(mask m) {
        uint32_t found = 0;
        for (int i = 0; i < Width; ++i) found |= static_cast<uint32_t>(m[i] & 1) << i;
        return found;
    }
    static reg select(mask m, reg yes, reg no) { return m ? yes : no; }
    // a less the nearest whole number, which is left in n; a far outside the exponents' range counts
    // as its edge. Adding 1.5 2^23 (or 2^52) leaves no room for a fraction.
    static reg split(reg a, reg& n) {
        constexpr T edge = sizeof(T) == 4 ? T(200) : T(1200);
        const reg magic = set1(sizeof(T) == 4 ? T(12582912.0) : T(6755399441055744.0));
        a = min(max(a, set1(-edge)), set1(edge));
        n = (a + magic) - magic;
        return a - n;
    }
    // a 2^n for whole n, twice the exponents' range at most, with gradual underflow
    static reg scale(reg a, reg n) {
        const mask whole_n = __builtin_convertvector(n, mask);
        const mask half = whole_n >> 1;
        return (a * power(half)) * power(whole_n - half);
    }
    static reg exponent(reg a) {
        const mask raised = mask(a * set1(T(4.0 / 3.0)));
        return __builtin_convertvector((raised >> shift) - bias, reg);
    }
    static reg tag(reg a, int low) { return reg((mask(a) & ~I(7)) | I(low)); }

    static whole whole1(I a) { return a - whole{}; }
    static whole choose(mask m, whole yes, whole no) { return m ? yes : no; }
    static whole increment(whole a, mask m) { return a - m; }
    static void store(I* p, whole a) { std::memcpy(p, &a, sizeof a); }
    static whole load(const I* p) {
        whole a;
        std::memcpy(&a, p, sizeof a);
        return a;
    }

  private:
    static constexpr int shift = sizeof(T) == 4 ? 23 : 52;
    static constexpr I bias = sizeof(T) == 4 ? 127 : 1023;
    static reg power(mask n) { return reg((n + bias) << shift); }
};

struct F32 : Portable<float, int32_t, 4> {
    using Portable::select;
    static whole select(mask m, whole yes, whole no) { return choose(m, yes, no); }
};

struct F64 : Portable<double, int64_t, 2> {
    // neighbouring numbers as doubles
    static reg widen(const double* p) { return loadu(p); }
    static reg widen(const float* p) { return reg{p[0], p[1]}; }
};

// Four rows of four floats each become columns.
inline void transpose_quads(F32::reg (&r)[4]) {
    for (int i = 0; i < 4; ++i) {
        for (int j = i + 1; j < 4; ++j) {
            const float held = r[i][j];
            r[i][j] = r[j][i];
            r[j][i] = held;
        }
    }
}

inline void transpose(F32::reg (&r)[4]) { transpose_quads(r); }

}  // namespace gramian::GRAMIAN_ISA
