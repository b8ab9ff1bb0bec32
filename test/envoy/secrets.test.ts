import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Ask, askHttp1, askHttp2 } from "../support/clients.js";
import { type Home, newHome, tapeloop, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { envoyBinary, startEnvoy } from "../support/envoy.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, ReportJson, ShownExchange } from "../support/tape-json.js";
import { startService } from "../support/upstream.js";
import { values } from "./cases.js";

const secrets = {
  bearer: "bearer-secret-8f2b71",
  session: "session-secret-91ac03",
  apiKey: "apikey-secret-5d5e6f",
  password: "password-secret-77aa",
  token: "token-secret-c0ffee",
};

const inHeaders: Ask = {
  method: "GET",
  path: "/echo/in-headers",
  headers: [
    ["authorization", `Bearer ${secrets.bearer}`],
    ["cookie", `sid=${secrets.session}`],
    ["x-api-key", secrets.apiKey],
  ],
};
const elsewhere: Ask = {
  method: "POST",
  path: `/status/201?access_token=${secrets.token}`,
  headers: [["content-type", "application/json"]],
  body: [`{"user":"ann","password":"${secrets.password}"}`],
};

for (const vantage of ["mirror", "inbound"] as const) {
  test(`secrets that pass a real Envoy are nowhere on the ${vantage} tape, and a pseudonym is never sent`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const home = newHome(t);
    const tape = join(home.folder, "tape.db");
    const service = await startService(t);
    const said = await recordSecrets(t, {
      vantage,
      binary,
      home,
      tape,
      serviceUrl: service.url,
      servicePort: service.port,
    });
    const listed = await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
    assert.equal(listed.length, 4);
    const shown: ShownExchange[] = [];
    for (const { id } of listed) {
      shown.push(await tapeloopJson<ShownExchange>(t, home, ["tape", "show", tape, String(id), "--json"]));
    }

    await t.test("none of them is in a file of the tape, in what is shown of it, or in the recorder's log", () => {
      const everything = `${tapeBytes(home.folder)}${JSON.stringify(shown)}${said}`;
      for (const secret of [...Object.values(secrets), "cookie-from-service-4711"]) {
        assert.ok(!everything.includes(secret), `${secret} was found`);
      }
      assert.ok(everything.includes("/echo/in-headers"), "what is searched is the tape");
    });

    await t.test("equal secrets are equal pseudonyms, over HTTP/1.1 and over HTTP/2", () => {
      const [one, two] = shown.filter(({ path }) => path === inHeaders.path);
      for (const name of ["authorization", "cookie", "x-api-key"]) {
        assert.equal(values(one!.request, name).length, 1);
        assert.deepEqual(values(one!.request, name), values(two!.request, name));
      }
    });

    const replay = [
      "replay",
      tape,
      "--target",
      service.url,
      "--baseline",
      service.url,
      "--same-target",
      "--allow-writes",
    ];
    await t.test("without a live credential the replay does not start", async () => {
      const before = new Map(service.seen);
      const { code, stderr } = await tapeloop(t, home, replay);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /--header/);
      assert.deepEqual(service.seen, before);
    });

    await t.test("with them it sends the calls they complete, and leaves the others out by reason", async () => {
      const folder = join(home.folder, "report");
      const live = ["authorization: Bearer live", "cookie: sid=live", "x-api-key: live"].flatMap((one) => [
        "--header",
        one,
      ]);
      const { code, stderr } = await tapeloop(t, home, [...replay, ...live, "--skip-redacted", "--report", folder]);
      const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as ReportJson;
      assert.equal(code, 0, `${stderr}${report.reasons.join(" ")}`);
      assert.equal(report.compared, 3);
      assert.deepEqual(report.notSent, { redacted: 1 });
    });
  });
}

/** Two calls with secrets in headers (one over HTTP/2), one with secrets in query and body, one answered with a secret. */
async function recordSecrets(
  t: TestContext,
  scene: { vantage: string; binary: string; home: Home; tape: string; serviceUrl: string; servicePort: number },
): Promise<string> {
  const inbound = scene.vantage === "inbound";
  const more = inbound ? ["--mode", "inbound", "--upstream", scene.serviceUrl] : [];
  const recorder = await startRecorderProcess(t, scene.home, { tape: scene.tape, more });
  const envoy = await startEnvoy(t, scene.binary, {
    listeners: [
      inbound ? { name: "way", routeTo: "recorder" } : { name: "way", routeTo: "service", mirrorTo: ["recorder"] },
    ],
    clusters: [
      { name: "service", port: scene.servicePort, protocol: "as-downstream" },
      { name: "recorder", port: recorder.port, protocol: "as-downstream" },
    ],
  });
  const port = envoy.port("way");
  const login = { method: "GET", path: "/login" };
  const answers = [
    await askHttp1(port, inHeaders),
    await askHttp2(port, inHeaders),
    await askHttp1(port, elsewhere),
    await askHttp1(port, login),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 201, 204],
  );
  await envoy.untilStat("cluster.recorder.upstream_rq_total", answers.length);
  await envoy.untilStat("cluster.recorder.upstream_rq_active", 0);
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  return recorder.stderr;
}

function tapeBytes(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.startsWith("tape.db"));
  return files.map((name) => readFileSync(join(folder, name), "latin1")).join("");
}
