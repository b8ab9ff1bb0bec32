import { z } from "zod";
import { parseDuration } from "../../base/index.js";
import { faultExamples } from "../../virtual-service/index.js";
import { type Comparison, parseComparison } from "./comparison.js";

const text = z.string().min(1);
const count = z.int().positive();
const nameOf = z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "must be of lower-case letters, digits and '-'");
const many = z.union([text, z.array(text).min(1)]);

const duration = text.refine((value) => parseDuration(value) !== undefined, "must be a duration, such as 30s or 5m");

const url = text.refine((value) => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  return parsed !== undefined && /^https?:$/.test(parsed.protocol);
}, "must be an http or https URL, such as http://127.0.0.1:9090");

const share = z
  .string()
  .regex(/^(100|\d{1,2})(\.\d+)?%$/, "must be a share, such as 25%")
  .refine((value) => Number.parseFloat(value) > 0, "must be a share above 0%");

/** What our own stream of answers can be measured by, in a window, for each lane. */
export const streamMeasures = {
  failed: { unit: "", what: "answers that failed (none, or 5xx)" },
  errors: { unit: "%", what: "share of answers that failed" },
  differing: { unit: "", what: "Steps that differ from their reference" },
  throughput: { unit: "/s", what: "answers a second" },
  p50: { unit: "ms", what: "median latency" },
  p90: { unit: "ms", what: "latency of 9 in 10" },
  p99: { unit: "ms", what: "latency of 99 in 100" },
} as const satisfies Record<string, { unit: Comparison["unit"]; what: string }>;
export type StreamMeasure = keyof typeof streamMeasures;

const attributions = ["noise", "unproven-noise", "version", "fault", "interaction", "unattributed"] as const;
const divergences = z.strictObject({
  attribution: z.array(z.enum(attributions)).min(1).optional(),
  severity: z
    .array(z.enum(["high", "medium", "low"]))
    .min(1)
    .optional(),
  blast: z
    .array(z.enum(["contained", "degraded", "propagated"]))
    .min(1)
    .optional(),
  kind: z.array(text).min(1).optional(),
  hop: z.array(text).min(1).optional(),
});

const sources = ["prometheus", "webhook", "stream", "divergences"] as const;
export type ThresholdSource = (typeof sources)[number];

const threshold = z
  .strictObject({
    name: nameOf,
    prometheus: text.optional().describe("an instant query; each sample is held against `trips`"),
    webhook: url.optional().describe('is sent the state as JSON; 2xx is fine unless it says {"ok": false}'),
    stream: z
      .enum(Object.keys(streamMeasures) as [StreamMeasure])
      .optional()
      .describe("of the replay's own answers"),
    divergences: divergences.optional().describe("how many groups of these the replay found, at its end"),
    trips: text.optional().describe('when it trips, such as "> 5", ">= 5%", "> 500ms" or "< 20/s"'),
    in: duration.optional().describe("window of `stream`; 1m unless said"),
    for: duration.optional().describe("trips only when it was so for this long; 0 unless said"),
    lanes: z.array(text).min(1).optional().describe("of `stream`: those of the new version unless said"),
    before: z.boolean().optional().describe("of `prometheus` and `webhook`: looked at before anything is changed, too"),
    unknownFor: duration.optional().describe("how long it may give no reading; 0 unless said"),
    onTrip: z.enum(["abort", "fail"]).optional().describe("abort ends the run; fail lets it go on, and fails it"),
  })
  .superRefine((value, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const given = sources.filter((source) => value[source] !== undefined);
    if (given.length !== 1) return refuse([], `must have exactly one of ${sources.join(", ")}`);
    const source = given[0]!;
    if (source === "webhook") {
      if (value.trips !== undefined) refuse(["trips"], "cannot go with webhook: its answer says whether all is well");
      return;
    }
    if (value.trips === undefined) return refuse(["trips"], 'is missing: say when it trips, such as "> 5"');
    const comparison = parseComparison(value.trips);
    if (comparison === undefined) {
      return refuse(["trips"], 'must be a comparison by < <= == >= or >, such as "> 5"');
    }
    const unit = value.stream === undefined ? "" : streamMeasures[value.stream].unit;
    if (comparison.unit !== unit) refuse(["trips"], wrongUnit(unit));
    for (const key of ["in", "lanes"] as const) {
      if (value[key] !== undefined && source !== "stream") refuse([key], "goes with stream alone");
    }
  });

const examplesOfUnit = { "": "> 5", "%": "> 5%", ms: "> 500ms", "/s": "< 20/s" } as const;

function wrongUnit(unit: Comparison["unit"]): string {
  return `must be ${unit === "" ? "a plain number" : `in ${unit}`}, such as "${examplesOfUnit[unit]}"`;
}

const kindsOfFault = Object.fromEntries(
  faultExamples.map(({ name, example }) => [name, z.union([text, z.int()]).optional().describe(`such as ${example}`)]),
);

const fault = z
  .strictObject({
    name: nameOf,
    service: text.describe("the Service that is called"),
    from: z.record(text, text).optional().describe("labels of the callers' pods; all callers unless said"),
    ...kindsOfFault,
    mark: z
      .string("must be text: put it in quotes")
      .regex(/^[0-9a-f]{8}$/, "must be eight hex digits, in lower case, in quotes")
      .optional()
      .describe("of the requests that meet it; made from the names unless said"),
    where: text.optional().describe("which calls of the tape are marked; all unless said"),
    share: share.optional().describe("of those, so many; the same in every lane and run"),
    ofAllCalls: share.optional().describe("instead of marks: the mesh draws so many of all calls, anybody's"),
  })
  .superRefine((value, context) => {
    const kinds = faultExamples.map(({ name }) => name);
    if (kinds.every((kind) => (value as Record<string, unknown>)[kind] === undefined)) {
      context.addIssue({ code: "custom", message: `must say what it does: ${kinds.join(" or ")}` });
    }
    const marking = (["mark", "where", "share"] as const).find((key) => value[key] !== undefined);
    if (value.ofAllCalls !== undefined && marking !== undefined) {
      context.addIssue({
        code: "custom",
        path: [marking],
        message: "cannot go with ofAllCalls: nothing is marked then",
      });
    }
  });

const lane = z.strictObject({
  name: text,
  target: url,
  version: z.enum(["old", "new"]).default("new"),
  faults: z.boolean().default(false).describe("whether its requests are marked"),
});

const spec = z.strictObject({
  why: text.optional().describe("for the journal and the report"),
  tape: many.optional().describe("files or folders, from this file's folder on"),
  where: text.optional(),
  entry: z.boolean().default(false).describe("only calls from outside"),
  service: text.optional().describe("only what this service received"),
  limit: count.optional(),
  repeat: count.optional().describe("all that is selected, so many times"),
  order: z.enum(["causal", "recorded", "serial", "none"]).default("causal"),
  pace: text.default("asap").describe("asap, recorded, 2x or 500/s"),
  concurrency: count.default(32),
  target: url.optional().describe("the new version"),
  baseline: url.optional().describe("the version that works"),
  aa: z.boolean().default(false).describe("send everything to the baseline twice: tells noise better"),
  lanes: z.array(lane).default([]).describe("by hand, beside the above"),
  targetIsATest: z.boolean().default(false),
  sameTarget: z.boolean().default(false),
  allowWrites: z.boolean().default(false),
  skipRedacted: z.boolean().default(false),
  headers: z.array(text).default([]),
  keepIdempotencyKeys: z
    .boolean()
    .default(false)
    .describe("send Idempotency-Key and its like as recorded, instead of fresh ones"),
  keepHost: z.boolean().default(false).describe("send each request with the host it was recorded with"),
  rules: text.optional().describe("file of comparing rules"),
  hops: many.optional().describe("tapes of recorders inside the targets"),
  mesh: z
    .strictObject({ namespace: text, evenIfManaged: z.boolean().default(false) })
    .optional()
    .describe(
      "where faults are turned on; without it requests are marked, and what stands in the mesh already does the rest",
    ),
  faults: z.array(fault).default([]),
  control: z.boolean().default(true).describe("the same without faults, so that version and fault are told apart"),
  settle: duration
    .default("3s")
    .describe("from faults on to the first request: proxies hear of a change in their time"),
  prometheus: url.optional().describe("where the queries go"),
  every: duration.default("5s").describe("how often Prometheus and webhooks are asked"),
  steady: duration.default("0").describe("for how long all must be well before anything is changed"),
  duration: duration.optional().describe("the replay ends at the latest after this"),
  thresholds: z.array(threshold).default([]),
});

/** An experiment as a file says it. */
export const experimentSchema = z.strictObject({
  apiVersion: z.literal("tapeloop.io/v1alpha1"),
  kind: z.literal("Experiment"),
  metadata: z.strictObject({ name: nameOf }),
  spec,
});
export type ExperimentFile = z.output<typeof experimentSchema>;
export type FaultSpec = ExperimentFile["spec"]["faults"][number] & Record<string, unknown>;
export type ThresholdSpec = ExperimentFile["spec"]["thresholds"][number];
