import assert from "node:assert/strict";
import { test } from "node:test";
import { isOver, thisHolder } from "../../../mesh/journal/holder.js";
import { startChild } from "../../support/child.js";

const onLinux = process.platform === "linux";

test("this process is not over", { skip: !onLinux }, () => {
  assert.equal(isOver(thisHolder()!), false);
});

test("a process that was killed is over, and so is one whose number another has now", { skip: !onLinux }, async (t) => {
  const child = startChild(t, process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('up')"]);
  await child.firstLine();
  const holder = { ...thisHolder()!, pid: child.pid };
  assert.equal(isOver(holder), true, "the number is another's, started at another time");
  await child.end("SIGKILL");
  assert.equal(isOver(holder), true);
});

test("of a process on another machine, or in another container, nothing is known", { skip: !onLinux }, () => {
  assert.equal(isOver({ system: "another", pid: 2 ** 22 + 1, startedTicks: "1" }), false);
});
