import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { isolateSettings, openIsolation, stubOptions } from "../../../cli/replay/isolate.js";
import { downstreamTape } from "../../support/downstream-tape.js";
import { fakeIo } from "../../support/io.js";

const shape = z.object(isolateSettings);

test("without --isolate there is no stub, and with it it says where it stands", async (t) => {
  const { tape } = await downstreamTape([{ trace: 1, atMs: 0 }]);
  const io = fakeIo();
  assert.equal(await openIsolation(shape.parse({}), tape, io), undefined);
  assert.equal(io.err(), "");
  const stub = await openIsolation(shape.parse({ isolate: "reviews", stubListen: "127.0.0.1:0" }), tape, io);
  t.after(() => stub?.close());
  assert.match(
    io.err(),
    /^stub: what reviews calls is answered from the tape\n {2}ratings:9080 {2}http:\/\/127\.0\.0\.1:\d+\n {2}any host .*HTTP_PROXY\n$/,
  );
});

test("an address is taken apart, IPv6 too", () => {
  const of = (stubListen: string) => stubOptions("reviews", shape.parse({ stubListen }));
  assert.deepEqual([of("127.0.0.1:9").host, of("127.0.0.1:9").port], ["127.0.0.1", 9]);
  assert.deepEqual([of("[::1]:19080").host, of("[::1]:19080").port], ["::1", 19_080]);
  assert.throws(() => of("19080"), /HOST:PORT/);
});
