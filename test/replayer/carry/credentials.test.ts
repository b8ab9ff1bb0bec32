import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { secretFromCommand } from "../../../replayer/carry/credentials/command.js";
import { secretFromOAuth } from "../../../replayer/carry/credentials/oauth.js";
import { openRefreshedSecret } from "../../../replayer/carry/credentials/refreshed.js";
import { parseCredentialOption, parseCredentials } from "../../../replayer/carry/credentials/rules-file.js";
import { standInFor } from "../../../replayer/carry/credentials/stand-in.js";
import { pseudonymOf } from "../../../tape/index.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { tapeOf } from "../../support/replay-tape.js";
import { replayed, replayOptions } from "../../support/replaying.js";
import { testKey } from "../../support/wire-request.js";

/** A token endpoint (RFC 6749, section 4.4) of client `shop` with secret `s:e&c`; tokens are numbered. */
async function startTokenEndpoint(t: TestContext, expiresIn: number): Promise<{ url: string; forms: string[] }> {
  const forms: string[] = [];
  const server = http.createServer(async (request, response) => {
    let form = "";
    for await (const piece of request) form += piece;
    forms.push(form);
    const fields = new URLSearchParams(form);
    const basic = `Basic ${Buffer.from("shop:s%3Ae%26c").toString("base64")}`;
    const known = request.headers.authorization === basic || fields.get("client_secret") === "s:e&c";
    const json = known
      ? { access_token: `token-number-${forms.length}`, token_type: "Bearer", expires_in: expiresIn }
      : { error: "invalid_client" };
    response.writeHead(known ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(json));
  });
  return { url: `http://127.0.0.1:${await listenOnLoopback(t, server)}/token`, forms };
}

const client = (tokenUrl: string, clientSecret = "s:e&c") =>
  ({ tokenUrl, clientId: "shop", clientSecret, scope: "orders", auth: "basic" }) as const;

test("a client gets its token from the endpoint, with its secret in the header or in the form", async (t) => {
  const { url, forms } = await startTokenEndpoint(t, 60);
  const before = Date.now();
  const lease = await secretFromOAuth(client(url));
  assert.equal(lease.value, "token-number-1");
  assert.ok(lease.expiresMs! >= before + 60_000 && lease.expiresMs! <= Date.now() + 60_000);
  assert.equal(forms[0], "grant_type=client_credentials&scope=orders");
  assert.equal((await secretFromOAuth({ ...client(url), auth: "form" })).value, "token-number-2");
});

test("a token that cannot be had is told by the endpoint's code, never with the secret", async (t) => {
  const { url } = await startTokenEndpoint(t, 60);
  await assert.rejects(secretFromOAuth(client(url, "wrong-secret")), (thrown: unknown) => {
    assert.ok(thrown instanceof OperatorError);
    assert.match(thrown.message, /for client shop: it answered 401 \(invalid_client\)/);
    assert.ok(!thrown.message.includes("wrong-secret"));
    return true;
  });
});

test("a secret is fetched again before it expires, and refused when it has and none came", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let fetched = 0;
  let fails = false;
  const secret = await openRefreshedSecret("the token", async () => {
    if (fails) throw new Error("endpoint is down");
    return { value: `v${++fetched}`, expiresMs: Date.now() + 10_000 };
  });
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  try {
    assert.equal(secret.current(), "v1");
    await pass(7_999);
    assert.equal(secret.current(), "v1");
    await pass(1);
    assert.equal(secret.current(), "v2");
    fails = true;
    await pass(8_000);
    await pass(1_999);
    assert.equal(secret.current(), "v2");
    await pass(1);
    assert.throws(() => secret.current(), {
      message: "the token has expired and could not be fetched again: endpoint is down",
    });
    // It goes on asking.
    fails = false;
    await pass(250);
    assert.equal(secret.current(), "v3");
  } finally {
    secret.close();
  }
});

test("a command prints the value, or JSON with its expiry; a JSON Web Token tells its own", async () => {
  assert.deepEqual(await secretFromCommand("echo plain-value"), { value: "plain-value" });
  const timed = await secretFromCommand(`echo '{"value":"x","expiresInSeconds":60}'`);
  assert.ok(timed.value === "x" && timed.expiresMs! > Date.now() + 50_000);
  const exp = Math.floor(Date.now() / 1000) + 100;
  const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.c2ln`;
  assert.deepEqual(await secretFromCommand(`echo ${token}`), { value: token, expiresMs: exp * 1000 });
  await assert.rejects(secretFromCommand("echo secret-on-stderr >&2; exit 3"), {
    message: "the command for a credential (echo …) ended with 3: run it by hand to see why",
  });
  await assert.rejects(secretFromCommand("true"), /printed no single line/);
});

test("stand-ins keep the class, are equal where pseudonyms are, and are never the pseudonym", () => {
  const mail = pseudonymOf("ada@example.org", testKey);
  assert.match(standInFor(mail), /^user-[0-9a-f]{12}@example\.com$/);
  assert.equal(standInFor(mail), standInFor(mail));
  assert.notEqual(standInFor(mail), standInFor(pseudonymOf("bob@example.org", testKey)));
  assert.equal(standInFor(`write to ${mail} soon`), `write to ${standInFor(mail)} soon`);
  assert.match(standInFor(pseudonymOf("+49 30 1234567", testKey)), /^\+1\d{3}55501\d{2}$/);
  const word = pseudonymOf("hunter2-Hunter", testKey);
  assert.match(standInFor(word), /^[a-z]{6}\d-[A-Z][a-z]{5}$/);
  assert.notEqual(standInFor(word), word);
});

test("a credentials file is refused by its entry, without what may be a secret", () => {
  const refused = (content: unknown, message: RegExp) =>
    assert.throws(
      () => parseCredentials(content, "c.yaml", { SET: "live" }),
      (thrown: unknown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.match(thrown.message, message);
        assert.ok(!thrown.message.includes("s3cret"));
        return true;
      },
    );
  refused(
    { credentials: [{ place: "cookie:sid", form: {} }] },
    /unknown key "credentials\[0\]\.form" \(did you mean "from"\?\)/,
  );
  refused({ credentials: [{ place: "cookie:sid", from: { env: "A", value: "s3cret" } }] }, /give one of env, value/);
  refused({ credentials: [{ place: "cookie:sid", from: { value: 5 } }] }, /credentials\[0\]\.from/);
  refused(
    { credentials: [{ place: "cookie:sid", from: { env: "UNSET" } }] },
    /c\.yaml: credentials\[0\]\.from: the environment variable UNSET is not set/,
  );
  refused({ credentials: "s3cret" }, /c\.yaml: credentials/);
  const file = { credentials: [{ place: "cookie:sid", callee: "shop", from: { env: "SET" } }] };
  assert.deepEqual(parseCredentials(file, "c.yaml", { SET: "live" }), [
    { place: "cookie:sid", callee: "shop", source: { kind: "value", value: "live" } },
  ]);
});

test("a credential on the command line names a source, and never holds the secret itself", () => {
  assert.deepEqual(parseCredentialOption("header:x-key=env:KEY", { KEY: "v" }), {
    place: "header:x-key",
    source: { kind: "value", value: "v" },
  });
  assert.deepEqual(parseCredentialOption("body:/email=stand-in", {}), {
    place: "body:/email",
    source: { kind: "stand-in" },
  });
  assert.throws(
    () => parseCredentialOption("header:x-key=s3cret", {}),
    (thrown: unknown) => {
      assert.ok(thrown instanceof OperatorError && !thrown.message.includes("s3cret"));
      return true;
    },
  );
  assert.throws(() => parseCredentialOption("header:x-key=env:KEY", {}), /variable KEY is not set/);
});

test("credentials go out by callee, route and user; what is answered back compares as recorded", async (t) => {
  const { url: tokenUrl } = await startTokenEndpoint(t, 3600);
  const seen: string[] = [];
  const echo = http.createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? ""} ${request.headers["x-api-key"] ?? ""}`.trim());
    const mail = new URL(request.url!, "http://x").searchParams.get("mail");
    response.setHeader("content-type", "application/json").end(JSON.stringify({ mail }));
  });
  const target = `http://127.0.0.1:${await listenOnLoopback(t, echo)}`;
  const bearer = (secret: string) => ["host", "x", "authorization", `Bearer ${secret}`];
  const [ada, bob] = ["ada-secret-0123456789", "bob-secret-0123456789"];
  const tape = await tapeOf([
    {
      startMs: 0,
      endMs: 5,
      path: "/a?mail=ada@corp.test.org",
      headers: bearer(ada),
      answerBody: '{"mail":"ada@corp.test.org"}',
    },
    { startMs: 10, endMs: 15, path: "/a", headers: bearer(bob), answerBody: '{"mail":null}' },
    {
      startMs: 20,
      endMs: 25,
      path: "/b",
      headers: ["host", "x", "x-api-key", "key-0123456789abcdef"],
      answerBody: '{"mail":null}',
    },
  ]);
  const credentials = [
    { place: "header:authorization", of: pseudonymOf(ada, testKey), source: { kind: "value", value: "for-ada" } },
    { place: "header:authorization", route: "GET /a", source: { kind: "oauth", client: client(tokenUrl) } },
    { place: "header:*", callee: "reviews", source: { kind: "value", value: "for-reviews" } },
    { place: "query:mail", source: { kind: "stand-in" } },
  ] as const;
  const { summary } = await replayed(tape, replayOptions(target, { carry: { links: true, credentials } }));
  const mail = encodeURIComponent(standInFor(pseudonymOf("ada@corp.test.org", testKey)));
  assert.deepEqual(
    seen.map((one) => one.replace("@", "%40")),
    [`/a?mail=${mail} Bearer for-ada`, "/a Bearer token-number-1", "/b  for-reviews"],
  );
  assert.deepEqual(summary.divergences, []);
  assert.equal(summary.carried?.provided, 4);
});
