import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionOptions, withoutHopByHop } from "../../message/index.js";

test("hop-by-hop fields go, and with them what Connection names, whatever the case", () => {
  const kept = withoutHopByHop([
    ["Host", "shop"],
    ["Connection", "close, X-Hop"],
    ["connection", "x-other"],
    ["TE", "trailers"],
    ["Transfer-Encoding", "chunked"],
    ["Trailer", "x-checksum"],
    ["Keep-Alive", "timeout=5"],
    ["Upgrade", "websocket"],
    ["Proxy-Authorization", "Basic x"],
    ["x-hop", "1"],
    ["X-Other", "2"],
    ["Trailers", "an ordinary field, for all that RFC 2616 wrote"],
    ["accept", "a"],
    ["accept", "b"],
  ]);
  assert.deepEqual(kept, [
    ["Host", "shop"],
    ["Trailers", "an ordinary field, for all that RFC 2616 wrote"],
    ["accept", "a"],
    ["accept", "b"],
  ]);
});

test("Connection's options are told in lower case, empty ones left out", () => {
  assert.deepEqual([...connectionOptions([["Connection", "Keep-Alive, ,UPGRADE"]])], ["keep-alive", "upgrade"]);
});
