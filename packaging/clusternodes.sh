# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by packaging/cluster-demo: its nodes. The demo sets `state`, a directory, `bin`, where the
# programs are, `secret`, which signs the tokens, and `redis_url`.

node_names=(node-1 node-2) node_pids=() node_ports=() node_urls=() node_ready=()

# run_gatehouse DIRECTORY NAME=VALUE… ARGUMENT…: becomes gatehouse in that directory, with these settings and no others: nothing of the user's
# environment or .env changes the demo. In a subshell or behind &.
run_gatehouse() {
    local name
    cd "$1"
    : >.env # in place of the settings of an installed package
    shift
    for name in $(compgen -e); do
        [[ $name =~ ^(PATH|HOME|LANG|TMPDIR|LD_LIBRARY_PATH|[A-Z]+SAN_OPTIONS)$ ]] || unset "$name"
    done
    export JWT_SECRET=$secret ALLOWED_HOSTS='localhost,127.0.0.1,[::1]'
    while [[ $1 == *=* ]]; do
        export "$1"
        shift
    done
    exec setsid "$bin/gatehouse" "$@"
}

# start_node INDEX: the first time on a free port, later on the same one.
start_node() {
    local name=${node_names[$1]}
    local dir=$state/$name
    mkdir -p "$dir"
    : >"$dir/ready"
    run_gatehouse "$dir" STATE_DIR="$dir/state" LISTEN="127.0.0.1:${node_ports[$1]:-0}" NODE_NAME="$name" REDIS_URL="$redis_url" \
        TRUSTED_PROXIES=127.0.0.1 DRAIN_SECONDS=0 serve >"$dir/ready" 2>>"$dir/log" &
    node_pids[$1]=$!
    children+=("${node_pids[$1]}")
    await_url "${node_pids[$1]}" "$dir/ready" "$dir/log"
    node_urls[$1]=$url
    node_ports[$1]=${url##*:}
    : "${node_ready[$1]:=yes}" # one that comes back is told to nginx by watch_health
}

# Tells who has ended. False when no node is left.
watch_nodes() {
    local index status
    for index in "${!node_pids[@]}"; do
        [[ -n ${node_pids[index]} ]] || continue
        ! kill -0 "${node_pids[index]}" 2>/dev/null || continue
        status=0
        wait "${node_pids[index]}" 2>/dev/null || status=$?
        forget_child "${node_pids[index]}"
        node_pids[index]=
        echo "${node_names[index]} ended (exit code $status). Start it again with: kill -USR1 $$"
    done
    [[ -n ${node_pids[*]// /} ]]
}

revive_nodes() {
    local index
    for index in "${!node_pids[@]}"; do
        [[ -z ${node_pids[index]} ]] || continue
        start_node "$index"
        echo "${node_names[index]} is back: process ${node_pids[index]}"
    done
}

# Lets nginx know who is ready, when that has changed.
watch_health() {
    local index now changed=false
    for index in "${!node_ports[@]}"; do
        now=no
        ! is_ready "${node_ports[index]}" || now=yes
        [[ $now != "${node_ready[index]}" ]] || continue
        node_ready[index]=$now
        changed=true
    done
    $changed || return 0
    write_balance
    kill -HUP "$nginx" 2>/dev/null || true
}
