# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by packaging/cluster-demo: nginx in front of the nodes, told by their /readyz who is to get connections. The demo sets `state`, a
# directory, `port`, `node_ports`, and `node_ready`: yes or no for each node.

# Whether what listens on port $1 of this machine says that it is ready.
is_ready() (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
    read -rt 2 line <&3 || exit 1
    [[ $line == 'HTTP/1.1 200 '* ]]
) 2>/dev/null

is_taken() (
    exec 3<>"/dev/tcp/127.0.0.1/$1"
) 2>/dev/null

# Who is behind nginx. If none is ready, all are tried.
write_balance() {
    local index servers=
    for index in "${!node_ports[@]}"; do
        servers+="server 127.0.0.1:${node_ports[index]} max_fails=0"
        [[ ${node_ready[index]} == yes || ${node_ready[*]} != *yes* ]] || servers+=" down"
        servers+="; "
    done
    # The console stays with one node, as its page of nodes speaks of the one that it asks.
    cat >"$state/nginx/balance.conf" <<TEXT
upstream channel { least_conn; $servers}
upstream api { hash \$remote_addr; $servers}
TEXT
}

write_nginx_conf() {
    local dir=$state/nginx
    mkdir -p "$dir"
    chmod 711 "$dir"
    write_balance
    cat >"$dir/nginx.conf" <<TEXT
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi; scgi_temp_path $dir/scgi;
    map \$http_upgrade \$connection_upgrade { default upgrade; '' ''; }
    include $dir/balance.conf;
    server {
        listen 127.0.0.1:$port;
        proxy_http_version 1.1;
        proxy_set_header Upgrade \$http_upgrade;
        proxy_set_header Connection \$connection_upgrade;
        proxy_set_header Host \$host;
        proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
        proxy_connect_timeout 2s;
        proxy_read_timeout 60s;
        proxy_next_upstream error timeout http_503;   # also who drains or is full
        location /ws/notifications/ { proxy_pass http://channel; }
        location / { proxy_pass http://api; }
    }
}
TEXT
}

# start_nginx: starts it on `port`, or on a free one if that is 0, and sets `nginx`, its process.
start_nginx() {
    local attempt wanted=$port
    for ((attempt = 0; attempt < 10; ++attempt)); do
        [[ $wanted != 0 ]] || port=$((20000 + RANDOM % 12000)) # below what the kernel gives out by itself
        if is_taken "$port"; then
            [[ $wanted == 0 ]] || fail "port $port is taken; choose another one with --port"
            continue
        fi
        write_nginx_conf
        setsid nginx -p "$state/nginx" -c "$state/nginx/nginx.conf" -e "$state/nginx/error.log" >/dev/null 2>&1 &
        nginx=$!
        children+=("$nginx")
        while kill -0 "$nginx" 2>/dev/null; do
            ! is_taken "$port" || return 0
            sleep 0.1
        done
        forget_child "$nginx"
        [[ $wanted == 0 ]] || break
    done
    tail -n 5 "$state/nginx/error.log" >&2 || true
    fail "nginx did not start on port $port"
}
