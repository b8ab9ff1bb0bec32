import assert from "node:assert/strict";
import { test } from "node:test";
import { linePlace } from "../../../report/html/line-place.js";
import { sideBySide } from "../../../report/html/side-by-side.js";
import { sides } from "../../../report/html/sides.js";

/** What one side shows, line by line; marked text in brackets. */
function shown(
  expected: readonly string[],
  actual: readonly string[],
  place: string,
  side: "expected" | "actual",
): string[] {
  const lines = (texts: readonly string[]) => texts.map((text, at) => ({ text, place: linePlace(`body:/${at}`) }));
  const { markup } = sides(sideBySide(lines(expected), lines(actual), place), { expected: "old", actual: "new" });
  const pre = new RegExp(`class="side ${side}"><h4>\\w+</h4><pre tabindex="0">(.*?)</pre>`, "s").exec(markup)![1]!;
  const text = pre
    .replaceAll("<mark>", "[")
    .replaceAll("</mark>", "]")
    .replace(/<[^>]*>/g, "");
  return text.replaceAll("&quot;", '"').split("\n").slice(0, -1);
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}`);

test("equal lines away from the place are folded and counted", () => {
  const changed = numbers(100).with(50, "line fifty");
  assert.deepEqual(shown(numbers(100), changed, "body:/50", "actual"), [
    "line 0",
    "⋯ 46 equal lines",
    "line 47",
    "line 48",
    "line 49",
    "line [fifty]",
    "line 51",
    "line 52",
    "line 53",
    "⋯ 46 equal lines",
  ]);
});

test("the place is shown however much changed before it", () => {
  const changed = numbers(500).map((text) => `${text}!`);
  const side = shown(numbers(500), changed, "body:/480", "actual");
  assert.ok(side.includes("line 480[!]"), side.join("\n"));
  assert.ok(side.some((line) => /^⋯ \d+ lines differ$/.test(line)));
  assert.ok(side.length < 80);
});

test("a long line is cut around what differs in it", () => {
  const long = (middle: string) => `${"a".repeat(500)}${middle}${"b".repeat(500)}`;
  const [line] = shown([long("1")], [long("2")], "body:/0", "expected");
  assert.match(line!, /^a{32}…a{40}\[1\]b{59}…$/);
});

test("no character is cut in half between two that begin alike", () => {
  assert.deepEqual(shown(["😀"], ["😁"], "body:/0", "actual"), ["[😁]"]);
});

test("both sides have the same number of lines, so that they stand beside each other", () => {
  const [left, right] = [numbers(30), numbers(40).slice(7).with(3, "x")];
  assert.equal(shown(left, right, "body:/9", "expected").length, shown(left, right, "body:/9", "actual").length);
});
