#!/bin/sh
# Fuzzes the decoders, and then the window's request parser, with libFuzzer and the address sanitizer.
#
#   Tests/Fuzz/run.sh [seconds, default 20] [further libFuzzer arguments]
#
# Builds without SwiftPM, because the sanitizer has to go through every module. FUZZ_BUILD names a folder that keeps the
# build and the inputs found; a temporary one otherwise. Exits with an error where an input breaks a promise, and leaves
# that input in the current folder as crash-….
set -eu

seconds=${1:-20}
[ $# -gt 0 ] && shift
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ -n "${FUZZ_BUILD:-}" ]; then
    build=$FUZZ_BUILD
    mkdir -p "$build"
else
    build=$(mktemp -d)
    trap 'rm -rf "$build"' EXIT
fi

compile() {
    swiftc -O -g -swift-version 6 -package-name fleetstream -sanitize=fuzzer,address -parse-as-library \
        -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature ExistentialAny \
        -enable-upcoming-feature MemberImportVisibility -I "$build" "$@"
}

module() {
    find "$root/Sources/$1" -name '*.swift' | sort >"$build/$1.files"
    compile -wmo -module-name "$1" -emit-module -emit-module-path "$build/$1.swiftmodule" \
        -c -o "$build/$1.o" "@$build/$1.files"
}

echo "building the fuzz target"
module Wire
module Telemetry
compile -module-name DecoderFuzz "$root/Tests/Fuzz/DecoderFuzz.swift" "$build/Wire.o" "$build/Telemetry.o" \
    -o "$build/fuzz"

# The parser's sources go together with the target: they need nothing of the other modules.
http="$root/Sources/Window/HTTP"
# The compiler leaves a module of the target where it runs.
(
    cd "$build"
    compile -wmo -module-name RequestFuzz "$root/Tests/Fuzz/RequestFuzz.swift" "$http/HTTPLimits.swift" \
        "$http/HTTPStatus.swift" "$http/HTTPRequest.swift" "$http/HTTPTarget.swift" "$http/HTTPRequestParser.swift" \
        -o "$build/fuzz-requests"
)

mkdir -p "$build/found" "$build/found-requests"
# Swift's own backtracer would take the crash away from libFuzzer.
SWIFT_BACKTRACE=enable=no "$build/fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
    -dict="$root/Tests/Fuzz/json.dict" -print_final_stats=1 "$@" "$build/found" "$root/Tests/Fuzz/corpus"
SWIFT_BACKTRACE=enable=no "$build/fuzz-requests" -max_total_time="$((seconds / 4 + 1))" -max_len=4096 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 "$@" "$build/found-requests" "$root/Tests/Fuzz/requests"
