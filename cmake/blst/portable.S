/* blst's assembly for any x86-64 CPU. What there is a faster sister of for CPUs with ADX (adx.S) gets another name here: the plain name
 * belongs to the choice between the two (choice.c). */
#define ct_inverse_mod_383 ct_inverse_mod_383_portable
#define from_mont_256 from_mont_256_portable
#define from_mont_384 from_mont_384_portable
#define mul_382x mul_382x_portable
#define mul_384 mul_384_portable
#define mul_mont_384 mul_mont_384_portable
#define mul_mont_384x mul_mont_384x_portable
#define mul_mont_sparse_256 mul_mont_sparse_256_portable
#define redc_mont_256 redc_mont_256_portable
#define redc_mont_384 redc_mont_384_portable
#define sgn0_pty_mont_384 sgn0_pty_mont_384_portable
#define sgn0_pty_mont_384x sgn0_pty_mont_384x_portable
#define sqr_382x sqr_382x_portable
#define sqr_384 sqr_384_portable
#define sqr_mont_382x sqr_mont_382x_portable
#define sqr_mont_384 sqr_mont_384_portable
#define sqr_mont_384x sqr_mont_384x_portable
#define sqr_mont_sparse_256 sqr_mont_sparse_256_portable
#define sqr_n_mul_mont_383 sqr_n_mul_mont_383_portable
#define sqr_n_mul_mont_384 sqr_n_mul_mont_384_portable
#include "assembly.S"
