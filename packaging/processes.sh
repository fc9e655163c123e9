# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by packaging/quickstart and packaging/cluster-demo: how they build, start and end what they run. They set `program`, their name.

fail() {
    echo "$program: $*" >&2
    exit 1
}

# build_gatehouse FILE…: installs the packages that the files list, and builds server and console in build/release.
build_gatehouse() {
    local tests=()
    source packaging/installpackages.sh
    install_packages "$@"
    echo "Building in build/release (the first time takes some minutes)"
    # A build directory that has tests in it (tests/run) keeps them; they are not built here.
    [[ -e build/release/CMakeCache.txt ]] || tests=(-DGATEHOUSE_TESTS=OFF)
    cmake --preset release "${tests[@]}" >/dev/null
    cmake --build build/release --parallel "$(nproc)" --target gatehouse gatehouse-console
}

children=()
# end_children [SECONDS]: asks all of `children` to end, the last one started first, and waits for them; who is there after so many seconds
# is killed. Without SECONDS it waits for as long as it takes.
end_children() {
    local index attempt
    for ((index = ${#children[@]} - 1; index >= 0; --index)); do
        kill -TERM "${children[index]}" 2>/dev/null || true
        kill -CONT "${children[index]}" 2>/dev/null || true # one that was stopped could not end
    done
    if [[ -n ${1:-} ]]; then
        for ((attempt = 0; attempt < $1 * 10; ++attempt)); do
            kill -0 "${children[@]}" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "${children[@]}" 2>/dev/null || true
    fi
    for index in "${!children[@]}"; do
        wait "${children[index]}" 2>/dev/null || true
    done
    children=()
}

# forget_child PID: it has ended, and its number may be another's by now.
forget_child() {
    local child left=()
    for child in "${children[@]}"; do
        [[ $child == "$1" ]] || left+=("$child")
    done
    children=("${left[@]}")
}

# await_url PID FILE LOG: waits until the server PID has written into FILE where it listens, and sets `url` to that.
await_url() {
    local attempt
    url=
    for ((attempt = 0; attempt < 150; ++attempt)); do
        url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$2" | head -n 1)
        [[ -z $url ]] || return 0
        if ! kill -0 "$1" 2>/dev/null; then
            tail -n 3 "$3" >&2
            fail "the server did not start; what it said last is above"
        fi
        sleep 0.1
    done
    tail -n 3 "$3" >&2
    fail "the server was not ready within 15 s; what it said last is above"
}
