import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { grpcJsCalls } from "../support/grpc-js-calls.js";
import { projectFolder } from "../support/project.js";
import { gotten, needs } from "../support/real-parts.js";
import { startTestRecorder, type TestRecorder } from "../support/start-recorder.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";
import { startZooService } from "../support/zoo-service.js";

/*
 * Clients as people use them, through the inline recorder and without it: what each sees of the answers, and what the
 * service saw of the requests (it answers with that), must be the same.
 */
const run = promisify(execFile);
const programs = join(projectFolder, "test/system/clients");

/** Runs a client against a base URL; gives what it printed. */
type Client = (baseUrl: string) => Promise<string>;

test("curl over HTTP/1.1 sees no difference", async (t) => {
  await compare(t, await script(t, "curl", "curl.sh", "--http1.1"));
});

test("curl over HTTP/1.0 sees no difference", async (t) => {
  await compare(t, await script(t, "curl", "curl.sh", "--http1.0"));
});

test("curl over h2c sees no difference", async (t) => {
  await compare(t, await script(t, "curl", "curl.sh", "--http2-prior-knowledge"));
});

test("nghttp over h2c sees no difference", async (t) => {
  await compare(t, await script(t, "nghttp", "nghttp.sh"));
});

test("Python's httpx and grpcio see no difference", async (t) => {
  const modules = await gotten(t, "httpx and grpcio", "get-clients.mjs");
  if (modules === undefined) return;
  const env = { ...process.env, PYTHONPATH: modules, GRPC_VERBOSITY: "NONE" };
  await compare(t, async (url) => (await run("python3", [join(programs, "client.py"), url], { env })).stdout);
});

test("grpc-js sees no difference", async (t) => {
  await compare(t, async (url) =>
    (await grpcJsCalls(new URL(url).host)).map((seen) => JSON.stringify(seen)).join("\n"),
  );
});

test("Go's net/http sees no difference", async (t) => {
  if (!needs(t, "Go 1.24 or newer", await answers("go", "version"), "golang.org/dl")) return;
  const binary = join(tempFolder(t), "client");
  const env = { ...process.env, GOFLAGS: "-mod=mod", GO111MODULE: "off", CGO_ENABLED: "0" };
  await run("go", ["build", "-o", binary, join(programs, "client.go")], { env });
  await compare(t, async (url) => (await run(binary, [url])).stdout);
});

test("Java's HttpClient sees no difference", async (t) => {
  if (!needs(t, "a JDK 17 or newer", await answers("java", "-version"), "apt-get install openjdk-17-jdk-headless"))
    return;
  await compare(t, async (url) => (await run("java", [join(programs, "Client.java"), url])).stdout);
});

async function script(t: TestContext, tool: string, name: string, ...flags: string[]): Promise<Client | undefined> {
  if (!needs(t, tool, await answers(tool, "--version"), `apt-get install ${tool}`)) return undefined;
  return async (url) => (await run("sh", [join(programs, name), url, ...flags], { maxBuffer: 1 << 25 })).stdout;
}

async function answers(tool: string, flag: string): Promise<boolean> {
  return await run(tool, [flag]).then(
    () => true,
    () => false,
  );
}

async function compare(t: TestContext, client: Client | undefined): Promise<void> {
  if (client === undefined) return;
  const service = await startZooService(t);
  const recorder = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  const direct = await seenBy(client, service);
  const through = await seenBy(client, recorder.port);
  assert.ok(direct.length >= 5, `the client did little: ${direct.join("\n")}`);
  assert.deepEqual(through, direct);
  await allComplete(recorder);
}

async function seenBy(client: Client, port: number): Promise<string[]> {
  const printed = (await client(`http://127.0.0.1:${port}`)).replaceAll(`127.0.0.1:${port}`, "HOST");
  return printed
    .split("\n")
    .map(withoutConnectionFields)
    .filter((line) => line !== "");
}

const connectionFields = "connection|keep-alive|transfer-encoding|date";

/** As curl and nghttp, as Python, as Go and as Java print them. */
const ofConnection = [
  new RegExp(`^(${connectionFields}):.*$`, "gi"),
  new RegExp(`\\["(${connectionFields})", "[^"]*"\\](, )?`, "gi"),
  new RegExp(`"(${connectionFields})":\\["[^"]*"\\],?`, "gi"),
  new RegExp(`(${connectionFields})=\\[[^\\]]*\\](, )?`, "gi"),
];

function withoutConnectionFields(line: string): string {
  return ofConnection.reduce((rest, field) => rest.replace(field, ""), line);
}

/** What went through is on the tape, both halves. */
async function allComplete({ writer }: TestRecorder): Promise<void> {
  await until("every call to be recorded", () => writer.calls.length >= 5);
  for (const { answer, request } of writer.calls)
    assert.equal(answer.kind, "response", `${request.method} ${request.path}`);
}
