#!/bin/sh
# Builds the engine with a planted bug (late data are placed, but the story is not told again from before them) and expects
# the property of fix time to fail. A property that cannot fail proves nothing.
set -eu
scratch=${CANARY_BUILD:-.build/canary}
swift build --build-tests --scratch-path "$scratch" -Xswiftc -DFLEETSTREAM_CANARY
if FLEETSTREAM_SEEDS=20 swift test --skip-build --scratch-path "$scratch" -Xswiftc -DFLEETSTREAM_CANARY \
    --filter OrderIndependenceTests >"$scratch/canary.log" 2>&1; then
    echo "canary: the tests passed although a bug is planted; see $scratch/canary.log" >&2
    exit 1
fi
if ! grep -q 'missing \[' "$scratch/canary.log"; then
    echo "canary: the tests failed, but not as they should; see $scratch/canary.log" >&2
    exit 1
fi
echo "canary: the planted bug was found."
