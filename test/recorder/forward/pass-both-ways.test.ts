import assert from "node:assert/strict";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { passBothWays } from "../../../recorder/forward/pass-both-ways.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { RawClient } from "../../support/raw-client.js";
import { until } from "../../support/until.js";

/** A client and a service of raw bytes, and the tunnel between them. */
async function tunnel(t: TestContext, silentMs: number) {
  const accepted: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    accepted.push(socket);
  });
  const port = await listenOnLoopback(t, server);
  const [client, service] = [new RawClient(t, port), new RawClient(t, port)];
  service.socket.allowHalfOpen = true;
  await until("both to be there", () => accepted.length === 2);
  const [one, other] = accepted.map((stream) => ({ stream, first: new Uint8Array(), read: () => {} }));
  passBothWays(one!, other!, silentMs);
  return { client, service, ends: accepted };
}

test("bytes pass both ways, and who has ended reads on for as long as something comes", async (t) => {
  const { client, service } = await tunnel(t, 600_000);
  client.send("last word").socket.end();
  await service.until("last word");
  await service.send("one").untilSent();
  await client.until("one");
  service.send("two").socket.end();
  assert.equal(await client.untilClosed(), "onetwo");
});

test("an end that is gone does not hold the other one that keeps its side open", async (t) => {
  const { client, ends } = await tunnel(t, 20);
  client.socket.end();
  await until("both to be closed", () => ends.every(({ destroyed }) => destroyed));
});

test("an end that is cut off cuts the other one off", async (t) => {
  const { client, service, ends } = await tunnel(t, 600_000);
  await client.send("one").untilSent();
  await service.until("one");
  client.socket.resetAndDestroy();
  await until("both to be closed", () => ends.every(({ destroyed }) => destroyed));
});
