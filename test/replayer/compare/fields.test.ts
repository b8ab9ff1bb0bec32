import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderList } from "../../../message/index.js";
import { compareFields } from "../../../replayer/compare/fields.js";
import type { Difference } from "../../../tape/index.js";
import { responseOf } from "../../support/response-of.js";

function differences(expected: HeaderList, actual: HeaderList, ignored?: ReadonlySet<string>): Difference[] {
  return compareFields("header", responseOf("", { headers: expected }), responseOf("", { headers: actual }), ignored);
}

const cases: readonly [title: string, expected: HeaderList, actual: HeaderList, found: Difference[]][] = [
  ["names differ in letter case only: nothing", [["ETag", "a"]], [["etag", "a"]], []],
  [
    "a field that is gone is high",
    [["etag", "a"]],
    [],
    [{ kind: "missing-header", place: "header:etag", severity: "high", expected: "a" }],
  ],
  [
    "a field that is new is low",
    [],
    [["X-New", "a"]],
    [{ kind: "added-header", place: "header:x-new", severity: "low", actual: "a" }],
  ],
  [
    "another value is medium",
    [["location", "/a"]],
    [["location", "/b"]],
    [{ kind: "changed-header", place: "header:location", severity: "medium", expected: "/a", actual: "/b" }],
  ],
  [
    "repeated fields are an ordered list",
    [
      ["link", "a"],
      ["link", "b"],
    ],
    [
      ["link", "b"],
      ["link", "a"],
    ],
    [{ kind: "changed-header", place: "header:link", severity: "medium", expected: "a | b", actual: "b | a" }],
  ],
  [
    "a media type spelled another way is low",
    [["content-type", "application/json; charset=utf-8"]],
    [["content-type", "application/JSON;charset=UTF-8"]],
    [
      {
        kind: "changed-header",
        place: "header:content-type",
        severity: "low",
        expected: "application/json; charset=utf-8",
        actual: "application/JSON;charset=UTF-8",
      },
    ],
  ],
  [
    "volatile, hop-by-hop, named by Connection, and our marks: nothing",
    [
      ["date", "a"],
      ["x-request-id", "1"],
      ["transfer-encoding", "chunked"],
      ["connection", "x-hop"],
      ["x-hop", "1"],
    ],
    [
      ["date", "b"],
      ["x-tapeloop-step", "4"],
      ["x-hop", "2"],
    ],
    [],
  ],
  [
    "a field whose name only contains a volatile one is compared",
    [["x-candidate-date", "a"]],
    [["x-candidate-date", "b"]],
    [{ kind: "changed-header", place: "header:x-candidate-date", severity: "medium", expected: "a", actual: "b" }],
  ],
  ["content-length belongs to the body", [["content-length", "1"]], [["content-length", "2"]], []],
];

for (const [title, expected, actual, found] of cases) {
  test(title, () => assert.deepEqual(differences(expected, actual), found));
}

test("fields that the caller names are left out", () => {
  assert.deepEqual(differences([["etag", "a"]], [["etag", "b"]], new Set(["etag"])), []);
});

test("trailers are compared as trailers", () => {
  const found = compareFields(
    "trailer",
    responseOf("", { trailers: [["checksum", "1"]] }),
    responseOf("", { trailers: [["checksum", "2"]] }),
  );
  assert.deepEqual(found, [
    { kind: "changed-trailer", place: "trailer:checksum", severity: "medium", expected: "1", actual: "2" },
  ]);
});
