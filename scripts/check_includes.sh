#!/usr/bin/env bash
# CMakeLists.txt says of each room its floor and the rooms it uses. That list is the truth: a room includes headers of exactly these rooms, all on
# lower floors, and its README and docs/architecture.md say the same. `rues` are the installed headers (include/rues): client implements them,
# app says their version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bad=0
complain() {
    echo "$*"
    bad=1
}

declare -A floor rooms
while read -r name number list; do
    floor[$name]=$number
    rooms[$name]=$list
done < <(sed -nE 's/^rues_room\(([a-z]+) FLOOR ([0-9]+)( ROOMS ([a-z ]+))?.*/\1 \2 \4/p' CMakeLists.txt)
((${#floor[@]} > 0)) || complain "CMakeLists.txt has no line rues_room(NAME FLOOR ...)"

for folder in src/*/; do
    room=$(basename "$folder")
    [[ ${floor[$room]:-} ]] || { complain "src/$room is no room of CMakeLists.txt"; continue; }
    for used in ${rooms[$room]}; do
        ((${floor[$used]:-99} < floor[$room])) || complain "CMakeLists.txt: $room may not use $used, which is not on a lower floor"
    done

    declare -A included=()
    while IFS=: read -r file line include; do
        target=$(sed -E 's/.*["<]([a-z0-9_]+)\/.*/\1/' <<<"$include")
        included[$target]=1
        [[ $target == "$room" || " ${rooms[$room]} " == *" $target "* ]] && continue
        [[ $target == rues && ($room == client || $room == app) ]] || complain "$file:$line: $room does not list $target in CMakeLists.txt"
    done < <(grep -rnHE '^#include ("[a-z0-9_]+/|[<"]rues/)' --include='*.?pp' "$folder" || true)
    for used in ${rooms[$room]}; do
        [[ ${included[$used]:-} ]] || complain "CMakeLists.txt: $room lists $used and includes nothing of it"
    done

    [[ -f src/$room/README.md ]] || { complain "src/$room has no README.md"; continue; }
    said=$(sed -nE '/^Includes:/{s/^Includes: ([^.]*)\..*/\1/p;q}' "src/$room/README.md" | grep -oE '`[a-z]+`' | tr -d '`' | sort | xargs || true)
    [[ $said == "$(tr ' ' '\n' <<<"${rooms[$room]}" | sort | xargs)" ]] ||
        complain "src/$room/README.md: \`Includes:\` names '$said', CMakeLists.txt '${rooms[$room]}'"
    grep -qE "^\| ${floor[$room]} \|.*\`$room\`" docs/architecture.md || complain "docs/architecture.md: no row of floor ${floor[$room]} names $room"
done
exit $bad
