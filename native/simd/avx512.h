// Vectors of AVX-512: 16 floats or 8 doubles. Included inside the namespace of one instruction set.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace gramian::GRAMIAN_ISA {

// 2^(k/32) and 2^(k/16), correctly rounded: what exp2 begins with.
alignas(64) constexpr float powers32[32] = {
    1.0f, 1.0218972f, 1.0442737f, 1.0671405f, 1.0905077f, 1.1143868f, 1.1387886f, 1.1637249f,
    1.1892071f, 1.2152474f, 1.2418578f, 1.269051f, 1.2968396f, 1.3252367f, 1.3542556f, 1.38391f,
    1.4142135f, 1.4451808f, 1.4768262f, 1.5091645f, 1.5422108f, 1.5759809f, 1.6104903f, 1.6457555f,
    1.6817929f, 1.7186193f, 1.7562522f, 1.7947091f, 1.8340081f, 1.8741677f, 1.9152066f, 1.9571441f};
alignas(64) constexpr double powers16[16] = {
    1.0, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916,
    1.189207115002721, 1.241857812073484, 1.2968395546510096, 1.3542555469368927,
    1.4142135623730951, 1.4768261459394993, 1.5422108254079407, 1.6104903319492543,
    1.681792830507429, 1.7562521603732995, 1.8340080864093424, 1.9152065613971474};

// Eight floats: the columns of one group side by side.
struct Abreast {
    using reg = __m256;
    static constexpr int width = 8;
    static reg loadu(const float* p) { return _mm256_loadu_ps(p); }
    static void storeu(float* p, reg a) { _mm256_storeu_ps(p, a); }
    static reg set1(float a) { return _mm256_set1_ps(a); }
    static reg add(reg a, reg b) { return _mm256_add_ps(a, b); }
    static reg fma(reg a, reg b, reg c) { return _mm256_fmadd_ps(a, b, c); }
};

struct F32 {
    using scalar = float;
    using reg = __m512;
    using mask = __mmask16;
    static constexpr int width = 16;
    static constexpr int columns = 8;      // columns of one micro-tile
    static constexpr int row_vectors = 2;  // vectors of rows of one micro-tile
    static constexpr int steps = 32;       // of exp2's table
    using Abreast = gramian::GRAMIAN_ISA::Abreast;
    static constexpr bool has_rough = true;  // what `Search::rough` says the processor has
    static constexpr bool holds_a_group = true;  // there are registers for one beside the forms

    static reg load(const float* p) { return _mm512_load_ps(p); }
    static reg loadu(const float* p) { return _mm512_loadu_ps(p); }
    // by hand: a compiler takes a loop of its own prefetches for one without effect
    static void prefetch(const char* p) { asm volatile("prefetcht0 %0" : : "m"(*p)); }
    // into the second cache
    static void prefetch_second(const float* p) { asm volatile("prefetcht1 %0" : : "m"(*p)); }
    // the first `count` floats, then zeros
    static reg load_part(const float* p, int count) {
        return _mm512_maskz_loadu_ps(static_cast<mask>((1u << count) - 1), p);
    }
    // four floats from each of four places, `from` numbers on
    static reg quads(const float* const* at, int from) {
        reg a = _mm512_castps128_ps512(_mm_loadu_ps(at[0] + from));
        a = _mm512_insertf32x4(a, _mm_loadu_ps(at[1] + from), 1);
        a = _mm512_insertf32x4(a, _mm_loadu_ps(at[2] + from), 2);
        return _mm512_insertf32x4(a, _mm_loadu_ps(at[3] + from), 3);
    }
    // four numbers, four times
    static reg quad_each(const double* p) {
        return _mm512_broadcast_f32x4(_mm256_cvtpd_ps(_mm256_loadu_pd(p)));
    }
    static reg narrow(const double* p) {
        return _mm512_insertf32x8(
            _mm512_castps256_ps512(_mm512_cvtpd_ps(_mm512_loadu_pd(p))),
            _mm512_cvtpd_ps(_mm512_loadu_pd(p + 8)), 1);
    }
    static void store(float* p, reg a) { _mm512_store_ps(p, a); }
    static void storeu(float* p, reg a) { _mm512_storeu_ps(p, a); }
    static reg set1(float a) { return _mm512_set1_ps(a); }
    static reg add(reg a, reg b) { return _mm512_add_ps(a, b); }
    static reg sub(reg a, reg b) { return _mm512_sub_ps(a, b); }
    static reg mul(reg a, reg b) { return _mm512_mul_ps(a, b); }
    static reg div(reg a, reg b) { return _mm512_div_ps(a, b); }
    static reg fma(reg a, reg b, reg c) { return _mm512_fmadd_ps(a, b, c); }
    static reg fms(reg a, reg b, reg c) { return _mm512_fmsub_ps(a, b, c); }
    // c plus the sum of two products: a and the number hold a pair of bfloat16 in each lane
    static reg add_pairs_each(__m512i a, const uint32_t* b, reg c) {
        asm("vdpbf16ps %2%{1to16%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
        return c;
    }
    // c plus the sum of four products: a holds four bytes from 0 to 255 in each lane, the number four
    // from -128 to 127
    static __m512i add_bytes_each(__m512i a, const uint32_t* b, __m512i c) {
        asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
        return c;
    }
    // the same of two products, of a pair of 16 bits each
    static __m512i add_shorts_each(__m512i a, const uint32_t* b, __m512i c) {
        asm("vpdpwssd %2%{1to16%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
        return c;
    }
    // whole numbers next to those of two vectors, 16 bits of each
    static __m512i pair_of_shorts(reg low, reg high) {
        const __m512i above = _mm512_slli_epi32(_mm512_cvtps_epi32(high), 16);
        return _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_cvtps_epi32(low), above);
    }
    static reg of_bits(__m512i a) { return _mm512_castsi512_ps(a); }
    static __m512i bits_of(reg a) { return _mm512_castps_si512(a); }
    static __m512i sub(__m512i a, __m512i b) { return _mm512_sub_epi32(a, b); }
    static reg floats(__m512i a) { return _mm512_cvtepi32_ps(a); }
    static float total(reg a) { return _mm512_reduce_add_ps(a); }
    static float largest(reg a) { return _mm512_reduce_max_ps(a); }
    // whole numbers, with another added to each, as bytes
    static void store_bytes(unsigned char* p, reg a, int added) {
        const __m512i numbers = _mm512_add_epi32(_mm512_cvtps_epi32(a), _mm512_set1_epi32(added));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(numbers));
    }
    // with one number for all lanes, broadcast by the operation itself: a broadcast of its own
    // would take an arithmetic unit, and compilers prefer it where a number is used twice
    static reg sub_each(reg a, const float* b) {
        reg gap;
        asm("vsubps %2%{1to16%}, %1, %0" : "=v"(gap) : "v"(a), "m"(*b));
        return gap;
    }
    static reg fma_each(reg a, const float* b, reg c) {
        asm("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
        return c;
    }
    static reg min(reg a, reg b) { return _mm512_min_ps(a, b); }
    static reg max(reg a, reg b) { return _mm512_max_ps(a, b); }
    static reg sqrt(reg a) { return _mm512_sqrt_ps(a); }
    static reg abs(reg a) { return _mm512_abs_ps(a); }
    static mask lt(reg a, reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
    static mask le(reg a, reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
    static mask either(mask a, mask b) { return static_cast<mask>(a | b); }
    static mask but_not(mask a, mask b) { return static_cast<mask>(a & ~b); }
    static uint32_t bits(mask m) { return m; }
    static reg select(mask m, reg yes, reg no) { return _mm512_mask_blend_ps(m, no, yes); }
    // a less the nearest whole number, which is left in n; 0 for infinity
    static reg split(reg a, reg& n) {
        const reg f = _mm512_reduce_ps(a, _MM_FROUND_TO_NEAREST_INT);
        n = sub(a, f);
        return f;
    }
    // a 2^n for whole n, with gradual underflow
    static reg scale(reg a, reg n) { return _mm512_scalef_ps(a, n); }
    // 2^(k/32) for the number k in the five lowest bits of a
    static reg power_of_step(reg a) {
        return _mm512_permutex2var_ps(load(powers32), _mm512_castps_si512(a), load(powers32 + 16));
    }
    // the exponent e of a normal a, such that a 2^-e lies in [3/4, 3/2]
    static reg exponent(reg a) { return _mm512_getexp_ps(mul(a, set1(4.0f / 3.0f))); }
    // a with its three lowest bits replaced
    static reg tag(reg a, int low) {
        return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
            _mm512_castps_si512(a), _mm512_set1_epi32(~7), _mm512_set1_epi32(low), 0xEA));
    }

    using whole = __m512i;
    static whole whole1(int32_t a) { return _mm512_set1_epi32(a); }
    static whole select(mask m, whole yes, whole no) {
        return _mm512_mask_blend_epi32(m, no, yes);
    }
    static whole increment(whole a, mask m) {
        return _mm512_mask_add_epi32(a, m, a, _mm512_set1_epi32(1));
    }
    static whole mul_add(whole a, int32_t b, whole c) {
        return _mm512_add_epi32(_mm512_mullo_epi32(a, _mm512_set1_epi32(b)), c);
    }
    static void store(int32_t* p, whole a) { _mm512_storeu_si512(p, a); }
    static whole load(const int32_t* p) { return _mm512_loadu_si512(p); }
};

struct F64 {
    using scalar = double;
    using reg = __m512d;
    using mask = __mmask8;
    static constexpr int width = 8;
    static constexpr int columns = 8;
    static constexpr int row_vectors = 2;
    static constexpr int steps = 16;

    static reg load(const double* p) { return _mm512_load_pd(p); }
    static reg loadu(const double* p) { return _mm512_loadu_pd(p); }
    static void store(double* p, reg a) { _mm512_store_pd(p, a); }
    static void storeu(double* p, reg a) { _mm512_storeu_pd(p, a); }
    static reg set1(double a) { return _mm512_set1_pd(a); }
    static reg add(reg a, reg b) { return _mm512_add_pd(a, b); }
    static reg sub(reg a, reg b) { return _mm512_sub_pd(a, b); }
    static reg mul(reg a, reg b) { return _mm512_mul_pd(a, b); }
    static reg div(reg a, reg b) { return _mm512_div_pd(a, b); }
    static reg fma(reg a, reg b, reg c) { return _mm512_fmadd_pd(a, b, c); }
    static reg fms(reg a, reg b, reg c) { return _mm512_fmsub_pd(a, b, c); }
    // with one number for all lanes, broadcast by the operation itself: a broadcast of its own
    // would take an arithmetic unit, and compilers prefer it where a number is used twice
    static reg sub_each(reg a, const double* b) {
        reg gap;
        asm("vsubpd %2%{1to8%}, %1, %0" : "=v"(gap) : "v"(a), "m"(*b));
        return gap;
    }
    static reg fma_each(reg a, const double* b, reg c) {
        asm("vfmadd231pd %2%{1to8%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
        return c;
    }
    static reg min(reg a, reg b) { return _mm512_min_pd(a, b); }
    static reg max(reg a, reg b) { return _mm512_max_pd(a, b); }
    static reg sqrt(reg a) { return _mm512_sqrt_pd(a); }
    static reg abs(reg a) { return _mm512_abs_pd(a); }
    static mask lt(reg a, reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
    static mask le(reg a, reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
    static mask either(mask a, mask b) { return static_cast<mask>(a | b); }
    static mask but_not(mask a, mask b) { return static_cast<mask>(a & ~b); }
    static uint32_t bits(mask m) { return m; }
    static reg select(mask m, reg yes, reg no) { return _mm512_mask_blend_pd(m, no, yes); }
    static reg split(reg a, reg& n) {
        const reg f = _mm512_reduce_pd(a, _MM_FROUND_TO_NEAREST_INT);
        n = sub(a, f);
        return f;
    }
    static reg scale(reg a, reg n) { return _mm512_scalef_pd(a, n); }
    // 2^(k/16) for the number k in the four lowest bits of a
    static reg power_of_step(reg a) {
        return _mm512_permutex2var_pd(load(powers16), _mm512_castpd_si512(a), load(powers16 + 8));
    }
    static reg exponent(reg a) { return _mm512_getexp_pd(mul(a, set1(4.0 / 3.0))); }
    // neighbouring numbers as doubles
    static reg widen(const double* p) { return loadu(p); }
    static reg widen(const float* p) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }
};

// Within each four lanes, four vectors of four numbers become columns.
[[gnu::always_inline]] inline void transpose_quads(F32::reg (&r)[4]) {
    const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(r[0], r[1]));
    const __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(r[0], r[1]));
    const __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(r[2], r[3]));
    const __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(r[2], r[3]));
    r[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    r[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    r[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    r[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
}

// Sixteen rows of sixteen floats each become columns.
[[gnu::always_inline]] inline void transpose(F32::reg (&r)[16]) {
    F32::reg t[16];
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        F32::reg rows[4] = {r[i], r[i + 1], r[i + 2], r[i + 3]};
        transpose_quads(rows);
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) r[i + j] = rows[j];
    }
#pragma GCC unroll 8
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm512_shuffle_f32x4(r[i], r[4 + i], 0x88);
        t[4 + i] = _mm512_shuffle_f32x4(r[i], r[4 + i], 0xdd);
        t[8 + i] = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0x88);
        t[12 + i] = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0xdd);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 4; ++i) {
        r[i] = _mm512_shuffle_f32x4(t[i], t[8 + i], 0x88);
        r[8 + i] = _mm512_shuffle_f32x4(t[i], t[8 + i], 0xdd);
        r[4 + i] = _mm512_shuffle_f32x4(t[4 + i], t[12 + i], 0x88);
        r[12 + i] = _mm512_shuffle_f32x4(t[4 + i], t[12 + i], 0xdd);
    }
}

}  // namespace gramian::GRAMIAN_ISA
