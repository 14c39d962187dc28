# shellcheck shell=bash
# What the provisioning scripts share. Sourced, not run.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything that is provisioned lands here; `target/` is what git and people already ignore.
TOOLS=${PACKYARD_TOOLS:-$REPO/target/tools}
mkdir -p "$TOOLS"

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# fresh STAMP INPUT... : true if STAMP was written for exactly these inputs.
fresh() {
    local stamp=$1
    shift
    [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(cat "$@" | sha256sum)" ]
}

# stamp STAMP INPUT... : remember that what the inputs describe is there now.
stamp() {
    local stamp=$1
    shift
    cat "$@" | sha256sum >"$stamp"
}
