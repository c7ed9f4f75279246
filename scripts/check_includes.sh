#!/usr/bin/env bash
# A room includes only rooms of lower floors, and never a sibling: the table of docs/architecture.md.
# `rues` are the installed headers (include/rues): client implements them, app says their version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A may=(
    [base]="base"
    [crypto]="base crypto"
    [wire]="base wire"
    [graphql]="base graphql"
    [drivers]="base crypto wire drivers"
    [ledger]="base crypto wire graphql ledger"
    [store]="base crypto wire graphql ledger store"
    [feed]="base crypto wire graphql ledger store feed"
    [net]="base crypto wire graphql ledger store net"
    [chain]="base crypto wire graphql ledger store chain"
    [query]="base crypto wire graphql drivers ledger store query"
    [api]="base crypto wire graphql drivers ledger store feed net chain query api"
    [client]="rues base crypto wire graphql ledger store feed net chain client"
    [gateway]="base crypto wire graphql drivers ledger store feed net chain query api client gateway"
    [app]="rues base crypto wire graphql drivers ledger store feed net chain query api client gateway app"
)
bad=0
for folder in src/*/; do
    room=$(basename "$folder")
    [[ -n ${may[$room]:-} ]] || { echo "src/$room is in no row of the table of rooms"; bad=1; continue; }
    [[ -f src/$room/README.md ]] || { echo "src/$room has no README.md"; bad=1; }
    while IFS=: read -r file line include; do
        target=$(sed -E 's/.*"([a-z0-9_]+)\/.*/\1/' <<<"$include")
        [[ " ${may[$room]} " == *" $target "* ]] || { echo "$file:$line: $room may not include $target"; bad=1; }
    done < <(grep -nHE '^#include "[a-z0-9_]+/' "$folder"*.?pp || true)
done
exit $bad
