import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { compares, foremost, parseComparison } from "../../experiment/file/comparison.js";
import { experimentJsonSchema, parseExperiment } from "../../experiment/index.js";
import { projectFolder } from "../support/project.js";

const smallest = {
  apiVersion: "tapeloop.io/v1alpha1",
  kind: "Experiment",
  metadata: { name: "ratings-down" },
  spec: { tape: "tape/", target: "http://127.0.0.1:9081" },
};
const withSpec = (more: object) => stringify({ ...smallest, spec: { ...smallest.spec, ...more } });
const threshold = (more: object) =>
  withSpec({ prometheus: "http://127.0.0.1:9090", thresholds: [{ name: "one", ...more }] });

test("what is not said has its default", () => {
  const { spec } = parseExperiment(stringify(smallest), "e.yaml");
  assert.deepEqual(
    [spec.order, spec.pace, spec.control, spec.settle, spec.every, spec.thresholds, spec.faults],
    ["causal", "asap", true, "3s", "5s", [], []],
  );
});

test("bad files are one line each that names the place and what is allowed there, the nearest key for a typo", () => {
  const fault = { name: "down", service: "ratings", abort: 503 };
  for (const [text, said] of [
    [withSpec({ threshold: [] }), /^e\.yaml: unknown key "spec\.threshold" \(did you mean "thresholds"\?\)$/],
    [
      threshold({ promethius: "up", trips: "> 1" }),
      /unknown key "spec\.thresholds\[0\]\.promethius" \(did you mean "prometheus"\?\)$/,
    ],
    [
      withSpec({ faults: [{ ...fault, servce: "ratings" }] }),
      /unknown key "spec\.faults\[0\]\.servce" \(did you mean "service"\?\)$/,
    ],
    [stringify({ ...smallest, kind: "Experimnt" }), /^e\.yaml: kind: .*"Experiment"/],
    [stringify({ ...smallest, apiVersion: "tapeloop.io/v1" }), /^e\.yaml: apiVersion: .*tapeloop\.io\/v1alpha1/],
    [threshold({ prometheus: "up" }), /spec\.thresholds\[0\]\.trips: is missing: say when it trips, such as "> 5"$/],
    [
      threshold({ prometheus: "up", trips: "above 5" }),
      /must be a comparison by < <= == >= or >, such as "> 5" \(got "above 5"\)$/,
    ],
    [threshold({ stream: "errors", trips: "> 5" }), /trips: must be in %, such as "> 5%" \(got "> 5"\)$/],
    [threshold({ prometheus: "up", trips: "> 5%" }), /trips: must be a plain number, such as "> 5" \(got "> 5%"\)$/],
    [
      threshold({ prometheus: "up", stream: "failed", trips: "> 5" }),
      /must have exactly one of prometheus, webhook, stream, divergences/,
    ],
    [threshold({ trips: "> 5" }), /must have exactly one of prometheus/],
    [threshold({ prometheus: "up", trips: "> 5", in: "1m" }), /in: goes with stream alone/],
    [
      threshold({ prometheus: "up", trips: "> 5", for: "soon" }),
      /for: must be a duration, such as 30s or 5m \(got "soon"\)/,
    ],
    [
      withSpec({ thresholds: [{ name: "a", prometheus: "up", trips: "> 1" }] }),
      /^e\.yaml: spec\.prometheus: is missing/,
    ],
    [withSpec({ faults: [{ name: "down", service: "ratings" }] }), /must say what it does: delay or abort/],
    [withSpec({ faults: [{ ...fault, mark: 12345678 }] }), /mark: must be text: put it in quotes/],
    [withSpec({ faults: [{ ...fault, ofAllCalls: "50%", share: "50%" }] }), /cannot go with ofAllCalls/],
    [withSpec({ faults: [{ ...fault, ofAllCalls: "50%" }] }), /say where it is turned on, with spec\.mesh\.namespace/],
    [withSpec({ faults: [fault, fault] }), /two faults are called "down"/],
    ["a: [", /^cannot read experiment e\.yaml: /],
    ["", /^e\.yaml: apiVersion: /],
  ] as const) {
    assert.throws(
      () => parseExperiment(text, "e.yaml"),
      (error: Error) => {
        assert.match(error.message, said);
        assert.equal(error.message.split("\n").length, 1);
        return error.constructor.name === "OperatorError";
      },
      text,
    );
  }
});

test("comparisons are read with their units, and nothing else is", () => {
  const read = (text: string) => {
    const { operator, value, unit } = parseComparison(text) ?? { operator: "", value: 0, unit: "none" };
    return [operator, value, unit];
  };
  assert.deepEqual(read("> 5"), [">", 5, ""]);
  assert.deepEqual(read(" <=0.5% "), ["<=", 0.005, "%"]);
  assert.deepEqual(read("> 1.5s"), [">", 1500, "ms"]);
  assert.deepEqual(read("< 20/s"), ["<", 20, "/s"]);
  assert.deepEqual(read("== -1e3"), ["==", -1000, ""]);
  for (const text of ["5", "!= 5", "> five", "> 5 %5", "=> 5", ">", "> 5h", "> NaN"]) {
    assert.equal(parseComparison(text), undefined, text);
  }
});

test("of several values the one that is told of trips whenever any does", () => {
  const values = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true })), { minLength: 1 });
  const operators = fc.constantFrom("<", "<=", "==", ">=", ">");
  fc.assert(
    fc.property(values, operators, fc.integer({ min: -5, max: 5 }), (all, operator, bound) => {
      const comparison = parseComparison(`${operator} ${bound}`)!;
      const told = foremost(
        all.map((value) => ({ value })),
        comparison,
      )!;
      assert.equal(
        compares(told.value, comparison),
        all.some((value) => compares(value, comparison)),
      );
    }),
  );
});

test("NaN trips nothing, whatever is asked", () => {
  for (const operator of ["<", "<=", "==", ">=", ">"] as const) {
    assert.equal(compares(Number.NaN, { operator, value: 0 }), false);
  }
});

test("the published schema is the one of this version (TAPELOOP_UPDATE=1 writes it)", () => {
  const path = join(projectFolder, "docs/experiment.schema.json");
  if (process.env.TAPELOOP_UPDATE === "1") writeFileSync(path, experimentJsonSchema());
  assert.equal(readFileSync(path, "utf8"), experimentJsonSchema());
});

test("the example, and the file that the docs show, are experiments", () => {
  const example = readFileSync(join(projectFolder, "examples/bookinfo-like/experiment.yaml"), "utf8");
  assert.equal(parseExperiment(example, "experiment.yaml").metadata.name, "ratings-down");
  const page = readFileSync(join(projectFolder, "docs/experiments.md"), "utf8");
  const shown = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml!);
  assert.ok(shown.length > 0);
  for (const yaml of shown) if ((parse(yaml) as { kind?: string }).kind === "Experiment") parseExperiment(yaml, "docs");
});
