// Vectors of AVX2 with FMA: 8 floats or 4 doubles. Included inside the namespace of one
// instruction set.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace gramian::GRAMIAN_ISA {

struct F32 {
    using scalar = float;
    using reg = __m256;
    using mask = __m256;
    static constexpr int width = 8;
    static constexpr int columns = 4;
    static constexpr int row_vectors = 3;
    static constexpr int steps = 0;  // exp2 has no table
    static constexpr bool has_rough = false;
    static constexpr bool holds_a_group = false;

    static reg load(const float* p) { return _mm256_load_ps(p); }
    static reg loadu(const float* p) { return _mm256_loadu_ps(p); }
    // by hand: a compiler takes a loop of its own prefetches for one without effect
    static void prefetch(const char* p) { asm volatile("prefetcht0 %0" : : "m"(*p)); }
    // the first `count` floats, then zeros
    static reg load_part(const float* p, int count) {
        const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lanes));
    }
    // four floats from each of two places, `from` numbers on
    static reg quads(const float* const* at, int from) {
        return _mm256_set_m128(_mm_loadu_ps(at[1] + from), _mm_loadu_ps(at[0] + from));
    }
    // four numbers, twice
    static reg quad_each(const double* p) { return twice(_mm256_loadu_pd(p)); }
    static reg narrow(const double* p) {
        return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_loadu_pd(p + 4)),
                               _mm256_cvtpd_ps(_mm256_loadu_pd(p)));
    }
    static void store(float* p, reg a) { _mm256_store_ps(p, a); }
    static void storeu(float* p, reg a) { _mm256_storeu_ps(p, a); }
    static reg set1(float a) { return _mm256_set1_ps(a); }
    static reg add(reg a, reg b) { return _mm256_add_ps(a, b); }
    static reg sub(reg a, reg b) { return _mm256_sub_ps(a, b); }
    static reg mul(reg a, reg b) { return _mm256_mul_ps(a, b); }
    static reg div(reg a, reg b) { return _mm256_div_ps(a, b); }
    static reg fma(reg a, reg b, reg c) { return _mm256_fmadd_ps(a, b, c); }
    static reg min(reg a, reg b) { return _mm256_min_ps(a, b); }
    static reg max(reg a, reg b) { return _mm256_max_ps(a, b); }
    static reg sqrt(reg a) { return _mm256_sqrt_ps(a); }
    static reg abs(reg a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
    static mask lt(reg a, reg b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
    static mask le(reg a, reg b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
    static mask either(mask a, mask b) { return _mm256_or_ps(a, b); }
    static mask but_not(mask a, mask b) { return _mm256_andnot_ps(b, a); }
    static uint32_t bits(mask m) { return static_cast<uint32_t>(_mm256_movemask_ps(m)); }
    static reg select(mask m, reg yes, reg no) { return _mm256_blendv_ps(no, yes, m); }
    // a less the nearest whole number, which is left in n; a beyond +-200 counts as +-200
    static reg split(reg a, reg& n) {
        a = min(max(a, set1(-200.0f)), set1(200.0f));
        n = _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        return sub(a, n);
    }
    // a 2^n for whole n up to 252 in size, with gradual underflow
    static reg scale(reg a, reg n) {
        // two factors, because two to the n alone leaves the range of floats before a 2^n does
        const __m256i whole_n = _mm256_cvtps_epi32(n);
        const __m256i half = _mm256_srai_epi32(whole_n, 1);
        return mul(mul(a, power(half)), power(_mm256_sub_epi32(whole_n, half)));
    }
    static reg exponent(reg a) {
        const __m256i raised = _mm256_castps_si256(mul(a, set1(4.0f / 3.0f)));
        return _mm256_cvtepi32_ps(
            _mm256_sub_epi32(_mm256_srli_epi32(raised, 23), _mm256_set1_epi32(127)));
    }
    static reg tag(reg a, int low) {
        const reg cleared = _mm256_and_ps(a, _mm256_castsi256_ps(_mm256_set1_epi32(~7)));
        return _mm256_or_ps(cleared, _mm256_castsi256_ps(_mm256_set1_epi32(low)));
    }

    using whole = __m256i;
    static whole whole1(int32_t a) { return _mm256_set1_epi32(a); }
    static whole select(mask m, whole yes, whole no) {
        return _mm256_blendv_epi8(no, yes, _mm256_castps_si256(m));
    }
    static whole increment(whole a, mask m) {
        return _mm256_sub_epi32(a, _mm256_castps_si256(m));
    }
    static void store(int32_t* p, whole a) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a);
    }
    static whole load(const int32_t* p) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    }

  private:
    static reg twice(__m256d a) {
        const __m128 four = _mm256_cvtpd_ps(a);
        return _mm256_set_m128(four, four);
    }
    static reg power(__m256i n) {
        return _mm256_castsi256_ps(
            _mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
    }
};

struct F64 {
    using scalar = double;
    using reg = __m256d;
    using mask = __m256d;
    static constexpr int width = 4;
    static constexpr int columns = 4;
    static constexpr int row_vectors = 3;
    static constexpr int steps = 0;  // exp2 has no table

    static reg load(const double* p) { return _mm256_load_pd(p); }
    static reg loadu(const double* p) { return _mm256_loadu_pd(p); }
    static void store(double* p, reg a) { _mm256_store_pd(p, a); }
    static void storeu(double* p, reg a) { _mm256_storeu_pd(p, a); }
    static reg set1(double a) { return _mm256_set1_pd(a); }
    static reg add(reg a, reg b) { return _mm256_add_pd(a, b); }
    static reg sub(reg a, reg b) { return _mm256_sub_pd(a, b); }
    static reg mul(reg a, reg b) { return _mm256_mul_pd(a, b); }
    static reg div(reg a, reg b) { return _mm256_div_pd(a, b); }
    static reg fma(reg a, reg b, reg c) { return _mm256_fmadd_pd(a, b, c); }
    static reg min(reg a, reg b) { return _mm256_min_pd(a, b); }
    static reg max(reg a, reg b) { return _mm256_max_pd(a, b); }
    static reg sqrt(reg a) { return _mm256_sqrt_pd(a); }
    static reg abs(reg a) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a); }
    static mask lt(reg a, reg b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
    static mask le(reg a, reg b) { return _mm256_cmp_pd(a, b, _CMP_LE_OQ); }
    static mask either(mask a, mask b) { return _mm256_or_pd(a, b); }
    static mask but_not(mask a, mask b) { return _mm256_andnot_pd(b, a); }
    static uint32_t bits(mask m) { return static_cast<uint32_t>(_mm256_movemask_pd(m)); }
    static reg select(mask m, reg yes, reg no) { return _mm256_blendv_pd(no, yes, m); }
    static reg split(reg a, reg& n) {
        a = min(max(a, set1(-1200.0)), set1(1200.0));
        n = _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        return sub(a, n);
    }
    static reg scale(reg a, reg n) {
        const __m128i whole_n = _mm256_cvtpd_epi32(n);
        const __m128i half = _mm_srai_epi32(whole_n, 1);
        return mul(mul(a, power(half)), power(_mm_sub_epi32(whole_n, half)));
    }
    static reg exponent(reg a) {
        const __m256i bits = _mm256_castpd_si256(mul(a, set1(4.0 / 3.0)));
        const __m256i field = _mm256_srli_epi64(bits, 52);
        // the exponent's field, placed in the mantissa of 2^52, is a number once 2^52 is taken off
        const __m256d magic = set1(4503599627370496.0);
        return sub(_mm256_castsi256_pd(_mm256_or_si256(field, _mm256_castpd_si256(magic))),
                   set1(4503599627370496.0 + 1023.0));
    }
    // neighbouring numbers as doubles
    static reg widen(const double* p) { return loadu(p); }
    static reg widen(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }

  private:
    static reg power(__m128i n) {
        const __m256i wide = _mm256_cvtepi32_epi64(_mm_add_epi32(n, _mm_set1_epi32(1023)));
        return _mm256_castsi256_pd(_mm256_slli_epi64(wide, 52));
    }
};

// Within each four lanes, four vectors of four numbers become columns.
inline void transpose_quads(F32::reg (&r)[4]) {
    const __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(r[0], r[1]));
    const __m256d b = _mm256_castps_pd(_mm256_unpackhi_ps(r[0], r[1]));
    const __m256d c = _mm256_castps_pd(_mm256_unpacklo_ps(r[2], r[3]));
    const __m256d d = _mm256_castps_pd(_mm256_unpackhi_ps(r[2], r[3]));
    r[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c));
    r[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c));
    r[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
    r[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
}

// Eight rows of eight floats each become columns.
inline void transpose(F32::reg (&r)[8]) {
    F32::reg first[4] = {r[0], r[1], r[2], r[3]}, last[4] = {r[4], r[5], r[6], r[7]};
    transpose_quads(first);
    transpose_quads(last);
    for (int i = 0; i < 4; ++i) {
        r[i] = _mm256_permute2f128_ps(first[i], last[i], 0x20);
        r[4 + i] = _mm256_permute2f128_ps(first[i], last[i], 0x31);
    }
}

}  // namespace gramian::GRAMIAN_ISA
