import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import { type TestContext, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { OperatorError, systemClock } from "../../base/index.js";
import { frameGrpc } from "../../message/index.js";
import { reflectDescriptors } from "../../replayer/reflection/reflect.js";
import { CertificateMaker } from "../support/certificates.js";
import {
  encodeOrder,
  type GrpcShop,
  type GrpcShopOptions,
  type ServedFile,
  servedFile,
  shopFiles,
  startGrpcShop,
} from "../support/grpc-shop.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";
import { tapeOf } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";
import { testKey } from "../support/wire-request.js";

const before = shopFiles();
const chair = { id: "a", stars: 4, size: 1, prices: { de: 5, us: 6 }, total: { cents: 900, unit: 1 } };

const shopWith = (t: TestContext, order: object, files: readonly ServedFile[] = before, more = {}): Promise<GrpcShop> =>
  startGrpcShop(t, { answer: encodeOrder(files, order), files, ...more } satisfies GrpcShopOptions);

const ask = (target: string, headers: [string, string][] = []) =>
  reflectDescriptors({ target, headers, clock: systemClock(), runId: "run1", key: testKey });

/** One call of the shop, answered as the chair was. */
const shopTape = (authority = "shop:9080") =>
  tapeOf([
    {
      ...{ startMs: 0, method: "POST", path: "/shop.Orders/Get", authority, protocol: "h2" },
      ...{ headers: ["content-type", "application/grpc"], body: frameGrpc(Buffer.alloc(0)) },
      answerHeaders: ["content-type", "application/grpc+proto"],
      ...{ answerBody: frameGrpc(encodeOrder(before, chair)), answerTrailers: ["grpc-status", "0"] },
    },
  ]);

/** What differs in bodies when the shop of before and the one given are replayed to, as `place expected → actual`. */
async function found(t: TestContext, candidate: GrpcShop, { order = chair as object, grpcReflection = true } = {}) {
  const baseline = await shopWith(t, order);
  const options = replayOptions(candidate.url, { baseline: baseline.url, allowWrites: true, grpcReflection });
  const { summary, kept } = await replayed(await shopTape(), options);
  const differences = kept.differences.flatMap(({ found }) => found).filter(({ place }) => place.startsWith("body"));
  return { baseline, summary, places: [...new Set(differences.map(({ place, kind }) => `${place} ${kind}`))].sort() };
}

test("what reflection describes is read by name: enums, maps, imports of imports, integers of 64 bits", async (t) => {
  for (const withImports of [false, true]) {
    const shop = await shopWith(t, chair, before, { withImports });
    const descriptors = await ask(shop.url);
    assert.ok(descriptors.knows("/shop.Orders/Get"));
    const order = { ...chair, prices: { de: "9007199254740993" } };
    assert.equal(
      descriptors.toJson("/shop.Orders/Get", encodeOrder(before, order)),
      '{"id":"a","stars":4,"size":"LARGE","prices":{"de":9007199254740993},"total":{"cents":900,"unit":"USD"}}',
    );
    const alone = withImports ? [] : ["v1 file shop/money.proto", "v1 file shop/unit.proto"];
    assert.deepEqual(shop.asked, ["v1 services", "v1 symbol shop.Orders", ...alone]);
  }
});

test("a server of v1alpha alone is asked by that", async (t) => {
  const shop = await shopWith(t, chair, before, { versions: ["v1alpha"] });
  assert.ok((await ask(shop.url)).knows("/shop.Orders/Get"));
  assert.ok(shop.asked.length > 0 && shop.asked.every((line) => line.startsWith("v1alpha ")));
});

test("the operator's header fields go out with the questions, and the mark of the run, but no Step's", async (t) => {
  const shop = await shopWith(t, chair);
  await ask(shop.url, [["authorization", "Bearer abc"]]);
  assert.ok(shop.metadata.length > 0);
  for (const metadata of shop.metadata) {
    assert.deepEqual(metadata.get("authorization"), ["Bearer abc"]);
    assert.deepEqual(metadata.get("x-tapeloop-run"), ["run1"]);
    assert.deepEqual(metadata.get("x-tapeloop-step"), []);
  }
});

test("a replay asks the baseline and finds a renumbered field by its name", async (t) => {
  const after = shopFiles(7);
  const candidate = await shopWith(t, chair, after);
  const { baseline, summary, places } = await found(t, candidate);
  assert.equal(summary.verdict, "diverged");
  assert.deepEqual(places, ["body:/0/#7 added-field", "body:/0/stars missing-field"]);
  assert.ok(baseline.asked.length > 0);
  assert.deepEqual(candidate.asked, []);
  assert.ok(!summary.warnings.some((warning) => warning.includes("inferred")));
});

test("defaults written out, and entries of a map in another order, are the same with reflection alone", async (t) => {
  const order = { id: "a", stars: 4, prices: { us: 6, de: 5 }, total: { cents: 900 } };
  const candidate = await shopWith(t, { ...order, size: 0, prices: { de: 5, us: 6 }, total: { cents: 900, unit: 0 } });
  const { summary, places } = await found(t, candidate, { order });
  assert.deepEqual([summary.verdict, places], ["passed", []]);
  assert.notDeepEqual((await found(t, candidate, { order, grpcReflection: false })).places, []);
});

test("enums and values of maps differ at their names", async (t) => {
  const candidate = await shopWith(t, { ...chair, size: 0, prices: { de: 5, us: 7 }, total: { cents: 900, unit: 0 } });
  const { places } = await found(t, candidate);
  assert.deepEqual(places, [
    "body:/0/prices/us changed-value",
    "body:/0/size missing-field",
    "body:/0/total/unit missing-field",
  ]);
});

test("without a baseline the target is asked, and the recorded answers are read by its descriptors", async (t) => {
  const shop = await shopWith(t, { ...chair, stars: 5 });
  const options = replayOptions(shop.url, { allowWrites: true, grpcReflection: true });
  const { kept } = await replayed(await shopTape(), options);
  const places = kept.differences.flatMap(({ found }) => found.map(({ place }) => place));
  assert.ok(places.includes("body:/0/stars"), places.join());
  assert.ok(shop.asked.length > 0);
});

test("a service whose files lack an import is left out; when none is left, that is an error", async (t) => {
  const get = { name: "Get", inputType: ".shop.Gone", outputType: ".shop.Gone" };
  const broken = servedFile("shop/broken.proto", ["shop/gone.proto"], { service: [{ name: "Broken", method: [get] }] });
  const services = { "shop.Broken": broken.name, "shop.Unknown": "none.proto" };
  const some = await shopWith(t, chair, before, {
    ...{ files: [...before, broken], services: { ...services, "shop.Orders": "shop/orders.proto" } },
  });
  const descriptors = await ask(some.url);
  assert.ok(descriptors.knows("/shop.Orders/Get"));
  assert.ok(!descriptors.knows("/shop.Broken/Get"));
  const none = await shopWith(t, chair, before, { files: [broken], services });
  await assert.rejects(ask(none.url), refusal(/its files lack what they import/));
});

function refusal(said: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof OperatorError);
    assert.equal(error.exitCode, 2);
    assert.match(error.message, said);
    assert.match(error.message, /^cannot ask http:\S+ for gRPC descriptors .* --descriptors FILE/);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

test("a target that cannot tell is an operator's error that says what to do", async (t) => {
  const none = await shopWith(t, chair, before, { versions: [] });
  await assert.rejects(ask(none.url), refusal(/it serves no reflection/));
  const refusing = await shopWith(t, chair, before, { refusal: status.UNAUTHENTICATED });
  await assert.rejects(ask(refusing.url), refusal(/it answered gRPC status 16/));
  await assert.rejects(ask(`http://127.0.0.1:${await closedPort()}`), refusal(/no answer over HTTP\/2 \(refused\)/));
  const plain = await listenOnLoopback(
    t,
    http.createServer((_request, response) => void response.end("hello")),
  );
  await assert.rejects(ask(`http://127.0.0.1:${plain}`), refusal(/no answer over HTTP\/2/));
});

test("files that are no descriptors, or do not end, are an operator's error", async (t) => {
  const garbage = { name: "shop/orders.proto", imports: [], bytes: Buffer.from("0aff", "hex") };
  const serving = async (files: readonly ServedFile[]) => (await startGrpcShop(t, { answer: Buffer.of(), files })).url;
  await assert.rejects(ask(await serving([garbage])), refusal(/one of its files cannot be read/));
  const nameOf = (at: number) => (at === 0 ? "shop/orders.proto" : `shop/${at}.proto`);
  const chain = Array.from({ length: 200 }, (_, at) => servedFile(nameOf(at), [nameOf(at + 1)], {}));
  await assert.rejects(ask(await serving(chain)), refusal(/its files do not end/));
});

const garbled: [string, Uint8Array, http2.OutgoingHttpHeaders, string | undefined, RegExp][] = [
  ["a proxy's refusal", Buffer.of(), { ":status": 503 }, undefined, /it answered HTTP 503/],
  ["no such path", Buffer.of(), { ":status": 404 }, undefined, /it serves no reflection/],
  ["no status", frameGrpc(Buffer.of()), {}, undefined, /it answered gRPC status unknown/],
  ["no reply", Buffer.of(), {}, "0", /its answer is empty or cut/],
  ["half a reply", frameGrpc(Buffer.alloc(9)).subarray(0, 7), {}, "0", /0 replies to 1 questions, not all readable/],
  ["a compressed reply", frameGrpc(Buffer.of(), true), {}, "0", /1 replies to 1 questions, not all readable/],
  ["another protocol", frameGrpc(Buffer.from("<html></html>")), {}, "0", /its replies cannot be read/],
  ["a list without services", frameGrpc(Buffer.of(0x32, 0)), {}, "0", /it lists no service/],
  ["another kind of reply", frameGrpc(Buffer.of()), {}, "0", /it lists no service/],
];

for (const [what, body, head, status, said] of garbled) {
  test(`${what} in place of reflection is an operator's error`, async (t) => {
    const server = http2.createServer().on("stream", (stream) => {
      stream.respond({ "content-type": "application/grpc", ...head }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(status === undefined ? {} : { "grpc-status": status }));
      stream.end(body);
    });
    const port = await listenOnLoopback(t, server);
    await assert.rejects(ask(`http://127.0.0.1:${port}`), refusal(said));
  });
}

test("nothing is asked where a target is refused, and no Step is sent where reflection is", async (t) => {
  const shop = await shopWith(t, chair, before, { versions: [] });
  const options = replayOptions(shop.url, { allowWrites: true, grpcReflection: true });
  const progress: unknown[] = [];
  const env = { onProgress: (now: unknown) => void progress.push(now) };
  await assert.rejects(replayed(await shopTape(), options, env), refusal(/it serves no reflection/));
  assert.deepEqual(progress, []);
  const other = await shopWith(t, chair);
  const recordedThere = await shopTape(new URL(other.url).host);
  await assert.rejects(replayed(recordedThere, { ...options, target: other.url }), /the tape was recorded at/);
  assert.deepEqual(other.asked, []);
});

test("a server over TLS is asked with the same files as Steps go out with; without them the line names the flag", async (t) => {
  const certificates = new CertificateMaker();
  const secure = certificates.make("shop", "IP:127.0.0.1");
  const shop = await shopWith(t, chair, before, { secure });
  const asked = { target: shop.url, headers: [], clock: systemClock(), runId: "run1", key: testKey };
  const descriptors = await reflectDescriptors({ ...asked, tls: { ca: certificates.ca, files: {} } });
  assert.ok(descriptors.knows("/shop.Orders/Get"));
  await assert.rejects(reflectDescriptors(asked), (error: unknown) => {
    assert.ok(error instanceof OperatorError);
    assert.match(error.message, /^cannot ask https:\S+ for gRPC descriptors .*: TLS failed: .*; --target-ca names/);
    return true;
  });
});
