# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by packaging/quickstart and tests/run.

# install_packages FILE…: installs the Debian packages that the files list, as root or through sudo. Touches nothing, and needs
# no network, when they are all there.
install_packages() {
    local wanted missing=() package as_root=()
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian system: make sure that the counterparts of the packages in $* are installed." >&2
        return 0
    fi
    mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@")
    for package in "${wanted[@]}"; do
        [[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" == ?i* ]] || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    if [[ $(id -u) -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            echo "Missing packages: ${missing[*]}. Install them as root (apt-get install …), then run this again." >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}
