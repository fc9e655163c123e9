# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by what needs a fresh Debian of its own: a root that debootstrap makes, commands in it, and a booted systemd in it. They set
# `program`, their name, and `work`, a directory of theirs. It takes root, debootstrap, and a Debian mirror; booting takes systemd-nspawn.

fail() {
    echo "$program: $*" >&2
    exit 1
}

# need COMMAND=PACKAGE…: ends with what is missing.
need() {
    local each missing=()
    [[ $(id -u) -eq 0 ]] || fail "must be run as root: it makes a Debian root directory, and runs commands in it"
    for each in "$@"; do
        command -v "${each%%=*}" >/dev/null || missing+=("${each##*=}")
    done
    [[ ${#missing[@]} -eq 0 ]] || fail "these Debian packages are missing: ${missing[*]}"
}

# Where this machine gets its Debian packages from, unless MIRROR says.
debian_mirror() {
    local found=${MIRROR:-}
    [[ -z $found ]] || { echo "$found"; return; }
    found=$(sed -n 's/^URIs: *\(http[^ ]*debian\)\/*$/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
    [[ -n $found ]] || found=$(sed -nE 's/^deb +(\[[^]]*\] +)?(http[^ ]*debian)\/? .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
    [[ -n $found ]] || fail "no Debian mirror is named in /etc/apt: say which with MIRROR=http://…/debian"
    echo "$found"
}

# make_root DIR [PACKAGE…]: a minimal Debian 12 in DIR, with these packages. With ROOT_CACHE=DIR, it is kept there for the next time.
make_root() {
    local root=$1 kept mirror
    shift
    kept=${ROOT_CACHE:+$ROOT_CACHE/bookworm-$(echo "$*" | cksum | cut -d' ' -f1).tar}
    mkdir -p "$root"
    if [[ -n $kept && -e $kept ]]; then
        tar -C "$root" -xf "$kept"
        return
    fi
    mirror=$(debian_mirror)
    debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 \
        || { tail -n 5 "$work/debootstrap.log" >&2; fail "debootstrap failed (is there a way to $mirror?)"; }
    # As this machine: its sources, and the certificates that its way to them may need.
    if [[ -e /etc/apt/sources.list.d/debian.sources ]]; then
        cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
        rm -f "$root/etc/apt/sources.list"
    fi
    mkdir -p "$root/etc/ssl/certs"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
    # Only while something is installed: nothing is started on the machine that the root is on.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    in_root "$root" apt-get update -q >"$work/apt.log" 2>&1 || { tail -n 5 "$work/apt.log" >&2; fail "apt-get update failed in the fresh root"; }
    [[ $# -eq 0 ]] || in_root "$root" apt-get install -q -y --no-install-recommends "$@" >"$work/apt.log" 2>&1 \
        || { tail -n 5 "$work/apt.log" >&2; fail "these could not be installed in the fresh root: $*"; }
    rm -f "$root/usr/sbin/policy-rc.d"
    [[ -z $kept ]] || { mkdir -p "$ROOT_CACHE"; tar -C "$root" -cf "$kept.new" . && mv "$kept.new" "$kept"; }
}

# in_root DIR COMMAND…: runs it with DIR as its root, in a pid and mount namespace of its own with /proc and /dev: whatever it starts ends with it.
in_root() {
    local root=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
        unshare --pid --fork --kill-child --mount --mount-proc="$root/proc" \
        sh -c 'root=$1; shift; mount --rbind /dev "$root/dev"; exec chroot "$root" "$@"' sh "$root" "$@"
}

machine=
# boot DIR: starts the root's systemd in namespaces of its own, without a network but its own loopback, and waits until it is up. Sets `machine`, the
# process id of that systemd.
boot() {
    local root=$1 attempt
    # nspawn wants a /run that is no disk, which not every machine has.
    setsid unshare --mount sh -c 'mount -t tmpfs tmpfs /run; exec systemd-nspawn -q -D "$1" --private-network --register=no --keep-unit \
        --kill-signal=SIGRTMIN+3 --console=read-only --boot' sh "$root" <"/dev/null" >"$work/boot.log" 2>&1 &
    nspawn=$!
    for ((attempt = 0; attempt < 300; ++attempt)); do
        kill -0 "$nspawn" 2>/dev/null || { tail -n 5 "$work/boot.log" >&2; fail "the fresh Debian did not boot"; }
        machine=$(machine_of "$nspawn")
        if [[ -n $machine ]] && [[ $(in_machine systemctl is-system-running 2>/dev/null) =~ ^(running|degraded)$ ]]; then
            return 0
        fi
        sleep 0.1
    done
    tail -n 5 "$work/boot.log" >&2
    fail "the fresh Debian was not up within 30 s"
}

# The systemd below process $1, however deep.
machine_of() {
    local child
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        if [[ $(cat "/proc/$child/comm" 2>/dev/null) == systemd ]]; then
            echo "$child"
            return
        fi
        machine_of "$child"
    done
}

# in_machine COMMAND…: runs it in the booted Debian.
in_machine() {
    nsenter --target "$machine" --mount --uts --ipc --net --pid --root --wd -- \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive "$@"
}

shut_down() {
    local attempt
    [[ -n ${nspawn:-} ]] || return 0
    [[ -z $machine ]] || kill -s RTMIN+3 "$machine" 2>/dev/null || true # systemd's word for power off
    for ((attempt = 0; attempt < 150; ++attempt)); do
        kill -0 "$nspawn" 2>/dev/null || break
        sleep 0.1
    done
    [[ -z $machine ]] || kill -KILL "$machine" 2>/dev/null || true
    kill -KILL "$nspawn" 2>/dev/null || true
    wait "$nspawn" 2>/dev/null || true
    nspawn='' machine=''
}

failures=0 checks=0
# expect NAME COMMAND…: runs the command, says whether it succeeded, and shows what it printed if not.
expect() {
    local name=$1
    shift
    checks=$((checks + 1))
    if "$@" >"$work/expected" 2>&1; then
        echo "  ok      $name"
    else
        failures=$((failures + 1))
        echo "  FAILED  $name"
        sed 's/^/          /' "$work/expected" | tail -n 15
    fi
}

# shown FUNCTION COMMAND…: runs the command by that function, in the root or in the machine; shows it as one would type it, and what it prints.
shown() {
    echo "# ${*:2}"
    "$@" 2>&1 | sed 's/^/  /'
    return "${PIPESTATUS[0]}"
}
