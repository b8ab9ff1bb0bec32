import assert from "node:assert/strict";
import { test } from "node:test";
import { requestId, run, shopCalls, tapeOf } from "../../support/service-tape.js";

test("a tree is drawn plainly in a pipe, with times, statuses, sightings and what the marks mean", async (t) => {
  const { exitCode, lines, stdout } = await run(["tape", "tree", await tapeOf(t, shopCalls), "--trace", requestId]);
  assert.equal(exitCode, 0);
  assert.match(lines[0]!, /2 calls, 100 ms {2}request 6db69b60/);
  assert.match(lines[1]!, /^▶ shop {2}GET \/checkout\/4711 +200 +\+0 µs +100 ms {2}━{20} {2}#\d+ inbound$/);
  assert.match(lines[2]!, /^└─ ● stock {2}GET \/stock\/4711 +503 +\+10 ms +50 ms {4}━{10} +#\d+ inbound$/);
  assert.match(stdout, /● surely made by the call above/);
  assert.ok(!stdout.includes("\u001b"));
  assert.doesNotMatch(stdout, /mail/);
});

test("colours come on a terminal and not with NO_COLOR, and no line is wider than it", async (t) => {
  const tape = await tapeOf(t, shopCalls);
  for (const columns of [40, 60, 80, 120]) {
    const { lines, stdout } = await run(["tape", "tree", tape], { columns, noColor: true });
    assert.ok(!stdout.includes("\u001b"));
    for (const line of lines.slice(0, -5)) assert.ok(line.length <= columns, `${columns}: ${line.length} ${line}`);
  }
  const { stdout } = await run(["tape", "tree", tape], { columns: 120 });
  assert.ok(stdout.includes("\u001b[32m●"));
  assert.ok(stdout.includes("\u001b[31m  503"));
});

test("a path that holds control characters commands no terminal", async (t) => {
  const tape = await tapeOf(t, [{ service: "shop", path: "/a\x1b[2Jb", at: [0, 1] }]);
  const { stdout } = await run(["tape", "tree", tape]);
  assert.match(stdout, /\/a·\[2Jb/);
});

test("a tree is chosen by Exchange, by condition, and as JSON says why each call is where it is", async (t) => {
  const tape = await tapeOf(t, shopCalls);
  const { stdout } = await run(["tape", "tree", tape, "--where", "status = 5xx", "--json"]);
  const tree = JSON.parse(stdout);
  assert.equal(tree.exchanges, 2);
  assert.deepEqual(tree.roots[0].join.kind, "entry");
  const [child] = tree.roots[0].children;
  assert.deepEqual([child.callee, child.status, child.startMs, child.durationMs], ["stock", 503, 10, 50]);
  assert.deepEqual(child.join, {
    kind: "exact",
    because: "only-call",
    reason: "same trace, and the only call to shop.default in it",
  });
  const same = await run(["tape", "tree", tape, "--id", String(child.id), "--json"]);
  assert.equal(same.stdout, stdout);
});

test("what is not on the tape is refused in one line", async (t) => {
  const { exitCode, stderr } = await run(["tape", "tree", await tapeOf(t, shopCalls), "--trace", "nobody"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^tapeloop: cannot draw a tree: nothing on the tape is of trace nobody; .*\n$/);
});

test("stats --hops draws the graph of services, and --json gives it", async (t) => {
  const tape = await tapeOf(t, shopCalls);
  const { lines } = await run(["tape", "stats", tape, "--hops"]);
  assert.match(lines[0]!, /^caller → callee +calls +retries +failed +p50 +p99 +seen +how sure$/);
  assert.match(lines[1]!, /^\(outside\) → shop +1 +– +0 % +100 ms +100 ms +1 +entry$/);
  assert.match(lines[2]!, /^ops\.default → mail +1 /);
  assert.match(lines[3]!, /^shop → stock +1 +– +100 % +50 ms +50 ms +1 +exact$/);
  const edges = JSON.parse((await run(["tape", "stats", tape, "--hops", "--json"])).stdout);
  assert.deepEqual([edges[2].caller, edges[2].callee, edges[2].failedShare], ["shop", "stock", 1]);
});
