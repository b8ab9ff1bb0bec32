import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, placeOfAddress } from "../../replayer/compare/rules/address.js";
import { parseRules } from "../../replayer/compare/rules/rules-file.js";
import { ruleFor } from "../../report/rule-for.js";
import { divergence } from "../support/run-summary.js";

test("the rule that hides a divergence is one that the rules file takes, at that very place, route and hop", () => {
  const places = [
    "status",
    "body",
    "body:/reviews/*/rating/stars",
    "body:/a~1b/c d",
    "header:x-build",
    "trailer:grpc-status",
  ];
  for (const place of [...places, "header:set-cookie/session/max-age"]) {
    const { hop, route } = { hop: "reviews", route: 'GET /say "hi": #{id}' };
    const entry = ruleFor(divergence({ hop, route, place, kind: "changed-value" }));
    const { rules } = parseRules(`rules:\n${entry}\n`, "rules.yaml");
    assert.equal(rules.length, 1);
    const [rule] = rules;
    assert.equal(rule?.kind, "ignore");
    assert.equal(placeOfAddress(rule!.address), placeOfAddress(parseAddress(place)));
    const call = { hop, route, method: "GET", status: 200 };
    assert.equal(rule?.scope.fits(call), true);
    assert.equal(rule?.scope.fits({ ...call, hop: "ratings" }), false);
    assert.equal(rule?.scope.fits({ ...call, route: "GET /other" }), false);
  }
});

test("an order that changed is taken as no order, and not ignored with all that stands in it", () => {
  const entry = ruleFor(divergence({ kind: "changed-order", place: "body:/items" }));
  assert.equal(parseRules(`rules:\n${entry}\n`, "rules.yaml").rules[0]?.kind, "unordered");
});

test("what no rule can hide gets none", () => {
  for (const changes of [
    { place: "hop", kind: "missing-call" },
    { place: "status", kind: "failure" },
    { place: "body", kind: "answer-end" },
    { place: "timing", kind: "changed-value" },
    { place: "body:*", kind: "changed-value" },
    { place: "body:/half*name", kind: "changed-value" },
  ] as const)
    assert.equal(ruleFor(divergence(changes)), undefined, changes.place);
});
