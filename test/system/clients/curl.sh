#!/bin/sh
# What curl gets, as it prints it: status line, fields, body. curl.sh BASE_URL PROTOCOL_FLAG
set -u
base=$1
protocol=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c 200000 /dev/zero | tr '\0' 'z' >"$work/upload"
printf '%s' '{"name":"caf\303\251","n":12345678901234567890}' >"$work/json"

ask() {
  name=$1
  shift
  printf '=== %s\n' "$name"
  curl -sS --max-time 30 "$protocol" -i "$@" 2>&1 | tr -d '\r'
  printf '\n'
}

ask get "$base/echo?a=1&b=%20&a=2" -H 'x-dup: one' -H 'X-Dup: two' -H 'x-empty;' -H 'Cookie: c=1; d=2'
ask odd-path "$base/echo//%7Euser/./..;v=1?q=a+b&&=" --path-as-is
ask post-json "$base/echo" -H 'content-type: application/json' --data-binary "@$work/json"
ask post-form "$base/echo" -d 'a=1&b=%26'
ask post-empty "$base/echo" -X POST -H 'content-length: 0'
printf -- '--zoo\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--zoo--\r\n' >"$work/multipart"
ask post-multipart "$base/echo" -H 'content-type: multipart/form-data; boundary=zoo' --data-binary "@$work/multipart"
[ "$protocol" = --http1.1 ] && ask post-chunked "$base/echo" -H 'transfer-encoding: chunked' --data-binary "@$work/upload"
ask put-expect "$base/echo" -T "$work/upload" -H 'expect: 100-continue'
ask delete-body "$base/echo" -X DELETE -d 'why'
ask options "$base/echo" -X OPTIONS
ask head "$base/plain" -I
ask plain "$base/plain"
ask chunked "$base/chunked"
ask fields "$base/fields"
ask hints "$base/hints"
ask no-content "$base/status/204"
ask not-modified "$base/status/304" -H 'if-none-match: "v1"'
ask redirect "$base/status/302"
ask error "$base/status/503"
ask gzip "$base/gzip" -H 'accept-encoding: gzip' --compressed
[ "$protocol" = --http2-prior-knowledge ] || ask early "$base/early" -d 'small'
printf '=== big\n'
curl -sS --max-time 30 "$protocol" "$base/big" | sha256sum
# curl 7.88 cannot use a connection of HTTP/2 with prior knowledge twice.
[ "$protocol" = --http2-prior-knowledge ] && exit 0
printf '=== kept alive\n'
curl -sS --max-time 30 "$protocol" "$base/plain" "$base/status/204" "$base/echo?again" "$base/chunked"
