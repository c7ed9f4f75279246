/* Which of blst's two sets of x86-64 assembly runs. This version of blst decides when it is compiled; here it is decided once, before main,
 * by what the CPU can do. Until then, and on a CPU without ADX, the portable set runs, so code that runs before this constructor is right too. */
#include <cpuid.h>

#include "vect.h"

#define CHOICE(result, name, adx, parameters, arguments)               \
    result name##_portable parameters;                                 \
    result adx parameters;                                             \
    static result(*name##_chosen) parameters = name##_portable;        \
    result name parameters { return name##_chosen arguments; }

CHOICE(void, mul_mont_sparse_256, mulx_mont_sparse_256,
       (vec256 ret, const vec256 a, const vec256 b, const vec256 p, limb_t n0), (ret, a, b, p, n0))
CHOICE(void, sqr_mont_sparse_256, sqrx_mont_sparse_256, (vec256 ret, const vec256 a, const vec256 p, limb_t n0),
       (ret, a, p, n0))
CHOICE(void, redc_mont_256, redcx_mont_256, (vec256 ret, const vec512 a, const vec256 p, limb_t n0), (ret, a, p, n0))
CHOICE(void, from_mont_256, fromx_mont_256, (vec256 ret, const vec256 a, const vec256 p, limb_t n0), (ret, a, p, n0))
CHOICE(void, mul_mont_384, mulx_mont_384, (vec384 ret, const vec384 a, const vec384 b, const vec384 p, limb_t n0),
       (ret, a, b, p, n0))
CHOICE(void, sqr_mont_384, sqrx_mont_384, (vec384 ret, const vec384 a, const vec384 p, limb_t n0), (ret, a, p, n0))
CHOICE(void, sqr_n_mul_mont_384, sqrx_n_mul_mont_384,
       (vec384 ret, const vec384 a, size_t count, const vec384 p, limb_t n0, const vec384 b), (ret, a, count, p, n0, b))
CHOICE(void, sqr_n_mul_mont_383, sqrx_n_mul_mont_383,
       (vec384 ret, const vec384 a, size_t count, const vec384 p, limb_t n0, const vec384 b), (ret, a, count, p, n0, b))
CHOICE(void, mul_384, mulx_384, (vec768 ret, const vec384 a, const vec384 b), (ret, a, b))
CHOICE(void, sqr_384, sqrx_384, (vec768 ret, const vec384 a), (ret, a))
CHOICE(void, redc_mont_384, redcx_mont_384, (vec384 ret, const vec768 a, const vec384 p, limb_t n0), (ret, a, p, n0))
CHOICE(void, from_mont_384, fromx_mont_384, (vec384 ret, const vec384 a, const vec384 p, limb_t n0), (ret, a, p, n0))
CHOICE(limb_t, sgn0_pty_mont_384, sgn0x_pty_mont_384, (const vec384 a, const vec384 p, limb_t n0), (a, p, n0))
CHOICE(limb_t, sgn0_pty_mont_384x, sgn0x_pty_mont_384x, (const vec384x a, const vec384 p, limb_t n0), (a, p, n0))
CHOICE(void, ct_inverse_mod_383, ctx_inverse_mod_383,
       (vec768 ret, const vec384 inp, const vec384 mod, const vec384 modx), (ret, inp, mod, modx))
CHOICE(void, mul_mont_384x, mulx_mont_384x, (vec384x ret, const vec384x a, const vec384x b, const vec384 p, limb_t n0),
       (ret, a, b, p, n0))
CHOICE(void, sqr_mont_384x, sqrx_mont_384x, (vec384x ret, const vec384x a, const vec384 p, limb_t n0), (ret, a, p, n0))
CHOICE(void, sqr_mont_382x, sqrx_mont_382x, (vec384x ret, const vec384x a, const vec384 p, limb_t n0), (ret, a, p, n0))
CHOICE(void, mul_382x, mulx_382x, (vec768 ret[2], const vec384x a, const vec384x b, const vec384 p), (ret, a, b, p))
CHOICE(void, sqr_382x, sqrx_382x, (vec768 ret[2], const vec384x a, const vec384 p), (ret, a, p))

#define CHOOSE(name, adx) name##_chosen = wanted ? adx : name##_portable;

/* Not while another thread computes; tests choose both. Returns whether the ADX set runs now: never when the CPU does not have it. */
int rues_blst_choose_adx(int wanted) {
    const unsigned kBmi2 = 1U << 8, kAdx = 1U << 19;
    unsigned eax, ebx = 0, ecx, edx;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & kBmi2) || !(ebx & kAdx)) wanted = 0;
    CHOOSE(mul_mont_sparse_256, mulx_mont_sparse_256)
    CHOOSE(sqr_mont_sparse_256, sqrx_mont_sparse_256)
    CHOOSE(redc_mont_256, redcx_mont_256)
    CHOOSE(from_mont_256, fromx_mont_256)
    CHOOSE(mul_mont_384, mulx_mont_384)
    CHOOSE(sqr_mont_384, sqrx_mont_384)
    CHOOSE(sqr_n_mul_mont_384, sqrx_n_mul_mont_384)
    CHOOSE(sqr_n_mul_mont_383, sqrx_n_mul_mont_383)
    CHOOSE(mul_384, mulx_384)
    CHOOSE(sqr_384, sqrx_384)
    CHOOSE(redc_mont_384, redcx_mont_384)
    CHOOSE(from_mont_384, fromx_mont_384)
    CHOOSE(sgn0_pty_mont_384, sgn0x_pty_mont_384)
    CHOOSE(sgn0_pty_mont_384x, sgn0x_pty_mont_384x)
    CHOOSE(ct_inverse_mod_383, ctx_inverse_mod_383)
    CHOOSE(mul_mont_384x, mulx_mont_384x)
    CHOOSE(sqr_mont_384x, sqrx_mont_384x)
    CHOOSE(sqr_mont_382x, sqrx_mont_382x)
    CHOOSE(mul_382x, mulx_382x)
    CHOOSE(sqr_382x, sqrx_382x)
    return wanted;
}

__attribute__((constructor)) static void choose(void) {
    rues_blst_choose_adx(1);
}
