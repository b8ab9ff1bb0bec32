#!/bin/sh
# What nghttp gets over h2c, frame by frame where order is the service's own. nghttp.sh BASE_URL
set -u
base=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c 100000 /dev/zero | tr '\0' 'z' >"$work/upload"

# Only what was received of fields and bodies: stream ids, windows and times are of the connection.
ask() {
  name=$1
  shift
  printf '=== %s\n' "$name"
  nghttp --no-verify-peer -v "$@" 2>&1 | sed -n 's/^.*recv (stream_id=[0-9]*) //p; s/\[ *[0-9.]*\] recv DATA frame.*$//; /^[^[ ]/p' | grep -v '^Some requests'
}

ask get "$base/echo?a=1" -H 'x-dup: one' -H 'x-dup: two'
ask post "$base/echo" -d "$work/upload"
ask trailers "$base/echo" -d "$work/upload" --trailer 'x-sent: after'
ask chunked "$base/chunked"
ask fields "$base/fields"
ask no-content "$base/status/204"
ask hints "$base/hints"
