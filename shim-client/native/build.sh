#!/bin/sh
# Builds berth-native: build.sh OUTPUT VERSION. Does nothing when OUTPUT is newer than every source.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=$1
version=$2

if ! command -v musl-gcc >/dev/null 2>&1; then
    echo "berth-native: musl-gcc not found; install the package musl-tools (apt-get install musl-tools)" >&2
    exit 1
fi

stamp="$output.version"
if [ -x "$output" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ] &&
    [ -z "$(find "$here" -maxdepth 1 -newer "$output" \( -name '*.[ch]' -o -name build.sh \))" ]; then
    exit 0
fi

# A static program at a random address needs musl's own start file, which musl-gcc does not know.
start=/usr/lib/x86_64-linux-musl/rcrt1.o
if [ ! -f "$start" ]; then
    echo "berth-native: $start not found; install the package musl-dev (apt-get install musl-dev)" >&2
    exit 1
fi

mkdir -p "$(dirname "$output")"
musl-gcc -std=c11 -D_GNU_SOURCE -DBERTH_VERSION="\"$version\"" \
    -Os -Wall -Wextra -Werror -Wshadow -Wconversion -Wvla -Wwrite-strings \
    -fstack-protector-strong -fstack-clash-protection -fcf-protection \
    -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
    -fPIE -static -nostartfiles "$start" \
    -Wl,-pie,--no-dynamic-linker,-z,text,-z,relro,-z,now,-z,noexecstack,--gc-sections,-s \
    -o "$output.new" "$here"/*.c
mv "$output.new" "$output"
printf '%s' "$version" >"$stamp"
