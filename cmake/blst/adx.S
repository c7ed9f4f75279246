/* blst's multiplications and inversions with MULX, ADCX and ADOX. Their names say so (mulx_, sqrx_, …), so they stand beside the portable ones. */
#include "elf/ctx_inverse_mod_384-x86_64.s"
#include "elf/mulx_mont_384-x86_64.s"
#include "elf/mulx_mont_256-x86_64.s"
#if defined(__linux__)
.section .note.GNU-stack,"",@progbits
#endif
