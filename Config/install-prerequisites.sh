#!/bin/sh
# Sees to it that what Fleetstream needs besides the Swift toolchain is there.
#
#   Config/install-prerequisites.sh [build|test|osrm]
#
# Checks the Swift version, and installs the Debian packages that are missing, as root or through sudo, after saying which.
# Prints nothing where all is there. `test` adds what only the tests need, among it Prometheus for its rules and Chromium
# for the page; `osrm` installs nothing but the road router that one of them compares with. Debian's packages of mosquitto
# and Prometheus would start services of the system's; those that this script installs are neither started nor enabled,
# because `make demo` brings its own broker.
set -eu

swift_needed=6.3
packages="libmosquitto-dev libsqlite3-dev libssl-dev mosquitto mosquitto-clients"
case ${1:-build} in
build | osrm) ;;
test) packages="$packages openssl python3 prometheus chromium" ;;
*)
    echo "usage: $0 [build|test|osrm]" >&2
    exit 64
    ;;
esac

say() { printf '%s\n' "$*" >&2; }

check_swift() {
    if ! command -v swift >/dev/null 2>&1; then
        say "Swift $swift_needed or newer is needed, and no \"swift\" is in the PATH."
        say "How to install it: https://www.swift.org/install/linux/"
        exit 1
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    oldest=$(printf '%s\n%s\n' "$swift_needed" "$version" | sort -V | head -n 1)
    if [ "$oldest" != "$swift_needed" ]; then
        say "Swift $swift_needed or newer is needed; $(command -v swift) is ${version:-of an unknown version}."
        say "How to install it: https://www.swift.org/install/linux/"
        exit 1
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_available() {
    apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [^(]'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# apt-get without questions, and without waiting for ever; its output goes to $log.
apt_options="-o DPkg::Lock::Timeout=120 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30"
apt() {
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq $apt_options "$@" </dev/null >>"$log" 2>&1
}

install_now() {
    apt install -y --no-install-recommends "$@"
}

# Installs, with new package lists only where the old ones do not serve.
install_packages() {
    for package in "$@"; do
        is_available "$package" || { apt update && break; } || return 1
    done
    install_now "$@" || { apt update && install_now "$@"; }
}

# Keeps the packages' own services from starting, by the rule that Debian has for it. A rule of the administrator's stays.
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
hold_services() {
    [ -d /run/systemd/system ] && [ ! -e "$policy" ] || return 0
    rule='#!/bin/sh
case $1 in mosquitto*|prometheus*) exit 101 ;; esac
exit 0'
    printf '%s\n' "$rule" | as_root tee "$policy" >/dev/null
    policy_is_ours=yes
    as_root chmod 755 "$policy"
}

cleanup() {
    [ "$policy_is_ours" = no ] || as_root rm -f "$policy"
    policy_is_ours=no
    [ -z "${log:-}" ] || rm -f "$log"
}

# The road router OSRM, for comparison in the tests: programs out of a wheel of PyPI, unpacked into .build. The wheel is for
# Python 3.12 and later, which only its Python module needs: any Python's pip will do.
osrm_version=26.10.0
osrm_folder=$(dirname "$0")/../.build/osrm
install_osrm() {
    [ ! -x "$osrm_folder/osrm/bin/osrm-routed" ] || return 0
    say "Installing with pip into .build, for comparison in the tests: osrm-bindings"
    rm -rf "$osrm_folder.new"
    if PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet \
        --no-deps --target "$osrm_folder.new" --only-binary=:all: --python-version 3.12 --implementation cp --abi abi3 \
        --platform "manylinux_2_28_$(uname -m)" "osrm-bindings==$osrm_version" >&2; then
        rm -rf "$osrm_folder"
        mv "$osrm_folder.new" "$osrm_folder"
    else
        rm -rf "$osrm_folder.new"
        say "It could not be installed; the tests do without."
    fi
}

if [ "${1:-build}" = osrm ]; then
    install_osrm
    exit 0
fi

check_swift

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    say "This is no Debian: please see to it that the equivalents of these are installed: $packages"
    exit 0
fi

missing=
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done
missing=${missing# }

# The polygon tests compare with GEOS where Python has shapely, from whatever source; without it with brute force alone.
# Messages are compared with the published schemas where it has jsonschema and yaml.
optional=
if [ "${1:-build}" = test ]; then
    for pair in shapely:python3-shapely jsonschema:python3-jsonschema yaml:python3-yaml; do
        python3 -c "import ${pair%%:*}" >/dev/null 2>&1 || optional="$optional ${pair#*:}"
    done
    # pip unpacks the road router.
    python3 -m pip --version >/dev/null 2>&1 || optional="$optional python3-pip"
    optional=${optional# }
fi

if [ -z "$missing$optional" ]; then
    [ "${1:-build}" != test ] || install_osrm
    exit 0
fi

if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
    if [ -n "$missing" ]; then
        say "These packages are missing, and there is neither root nor sudo to install them: $missing"
        say "Please run as root: apt-get install --no-install-recommends $missing"
        exit 1
    fi
    [ "${1:-build}" != test ] || install_osrm
    exit 0
fi

log=$(mktemp)
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -n "$missing" ]; then
    say "Installing with apt-get: $missing"
    services=
    for service in mosquitto prometheus; do
        case " $missing " in *" $service "*) services="$services $service" ;; esac
    done
    [ -z "$services" ] || hold_services
    # Separate words, on purpose.
    # shellcheck disable=SC2086
    if ! install_packages $missing; then
        cat "$log" >&2
        say "The packages could not be installed; apt-get's words are above."
        exit 1
    fi
    for service in $services; do
        [ -d /run/systemd/system ] || break
        as_root systemctl disable --quiet "$service.service" >/dev/null 2>&1 || true
        say "$service's own service is left off; to have it: sudo systemctl enable --now $service"
    done
fi

if [ -n "$optional" ]; then
    say "Installing with apt-get, for comparison in the tests: $optional"
    # Separate words, on purpose.
    # shellcheck disable=SC2086
    install_packages $optional || say "It could not be installed; the tests do without."
fi

[ "${1:-build}" != test ] || install_osrm
