// Measures what shielded transactions cost: proofs, and what a node and a wallet do with notes.
#include "phoenix/notes.hpp"
#include "phoenix/proofs.hpp"
#include "support/measure.hpp"

int main() {
    using namespace rues::bench;
    pin_here(cpus().measured);
    const bool proofs = measure_proofs();
    return measure_notes() && proofs ? 0 : 1;
}
