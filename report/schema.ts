import { z } from "zod";
import { type Attribution, type DifferenceKind, notSentReasons, type RunSummary } from "../tape/index.js";

const count = z.int().nonnegative();
const ms = z.number();

const latency = z
  .object({
    count,
    min: ms,
    mean: ms,
    p50: ms,
    p90: ms,
    p99: ms,
    p999: ms,
    max: ms,
    buckets: z.array(z.object({ upToMs: ms, count })).describe("ascending; upToMs is the upper bound of each bucket"),
  })
  .describe("a latency distribution, in milliseconds");

const kinds: { [Kind in DifferenceKind]: Kind } = {
  status: "status",
  failure: "failure",
  "missing-header": "missing-header",
  "missing-trailer": "missing-trailer",
  "added-header": "added-header",
  "added-trailer": "added-trailer",
  "changed-header": "changed-header",
  "changed-trailer": "changed-trailer",
  "missing-field": "missing-field",
  "added-field": "added-field",
  "changed-type": "changed-type",
  "changed-value": "changed-value",
  "array-length": "array-length",
  "missing-element": "missing-element",
  "added-element": "added-element",
  "changed-order": "changed-order",
  "duplicate-key": "duplicate-key",
  "changed-text": "changed-text",
  "missing-text": "missing-text",
  "added-text": "added-text",
  "changed-bytes": "changed-bytes",
  "body-format": "body-format",
  "content-encoding": "content-encoding",
  "answer-end": "answer-end",
  slower: "slower",
  "missing-call": "missing-call",
  "added-call": "added-call",
};
const kind = z.enum(kinds);

const attributions: { [Name in Attribution]: Name } = {
  noise: "noise",
  "unproven-noise": "unproven-noise",
  version: "version",
  fault: "fault",
  interaction: "interaction",
  unattributed: "unattributed",
};

const example = z.object({
  ...{ exchangeId: z.int(), step: count, expected: z.string(), actual: z.string() },
  lane: z.exactOptional(z.string()),
  reference: z.exactOptional(z.string()),
});

const divergence = z.object({
  number: z.int().positive().describe("from 1, in the order of the report"),
  hop: z.string().describe("the service whose answer differs first"),
  route: z.string().describe("template the calls belong to: GET /reviews/{id}"),
  place: z
    .string()
    .describe(
      "status, header:name, trailer:name, body:/json/pointer (RFC 6901, array indexes as *), body, timing or hop",
    ),
  kind,
  severity: z.enum(["high", "medium", "low"]),
  attribution: z.enum(attributions),
  breaks: z.exactOptional(
    z
      .enum(["class", "shift"])
      .describe("values left or entered a volatile class, or times moved by whole quarter-hours: a group of its own"),
  ),
  evidence: z.string().describe("one sentence: why this attribution"),
  count: count.describe("in how many of the compared Steps of the route it was met"),
  of: count.describe("compared Steps of the route"),
  sinceExchange: z.int().describe("id of the first Exchange it was met at"),
  examples: z.array(example),
  lanes: z.exactOptional(
    z
      .array(z.object({ lane: z.string(), reference: z.string(), count, of: count }))
      .describe("the lanes it was met in, and what each was held against"),
  ),
  blast: z.exactOptional(
    z.enum(["contained", "degraded", "propagated"]).describe("how far it reached on its way to the entry"),
  ),
  firstHop: z.exactOptional(z.string().describe("one sentence: why it is said to begin at this hop")),
  undecided: z.exactOptional(z.literal(true).describe("whether it is noise was tested and could not be told")),
  faults: z.exactOptional(z.array(z.string()).describe("names of the faults that its Steps met, most frequent first")),
  known: z.exactOptional(z.literal(true).describe("it was known before the run, and does not fail it")),
  surfaced: z
    .array(z.object({ hop: z.string(), route: z.string(), place: z.string(), kind, count }))
    .describe("where it surfaced further up the tree, when it began at a hop below"),
});

const rule = z.object({
  rule: z.string().describe("ignore, tolerate, match, unordered or key"),
  text: z.string().describe("the rule as one sentence"),
  hid: count.describe("Differences it hid"),
  unused: z.boolean().describe("whether it hid nothing and its address was never met"),
});

const blocked = z.object({
  lane: z.string(),
  hop: z.string(),
  route: z.string().describe("of the Steps that were not sent"),
  count,
  sinceExchange: z.int().describe("id of the first of their Exchanges"),
  producerExchange: z.int().describe("the Exchange whose live answer lacked what they need"),
  producerRoute: z.string(),
});

const stub = z
  .object({
    service: z.string().describe("the service whose downstream was stubbed"),
    served: count.describe("calls answered from the tape"),
    inferred: count.describe("of those: not the recorded request to the byte, or not found below its own call"),
    missed: count.describe("calls that the tape has no answer for"),
    misses: z.array(z.object({ callee: z.string(), route: z.string(), why: z.string(), count, example: z.string() })),
  })
  .describe("what a stub answered in place of live services");

const knownReport = z.object({
  hop: z.string(),
  route: z.string(),
  place: z.string(),
  kind,
  met: z.boolean().describe("whether this run met it, too"),
});

const lane = z.object({
  name: z.string(),
  role: z.enum(["candidate", "baseline"]),
  target: z.string(),
  version: z.exactOptional(z.enum(["old", "new"])),
  faults: z.exactOptional(z.string().describe("file of the fault plan its requests are marked by")),
  tls: z.exactOptional(
    z
      .object({ ca: z.exactOptional(z.string()), cert: z.exactOptional(z.string()), key: z.exactOptional(z.string()) })
      .describe("files of TLS towards an https target (--target-ca, --target-cert, --target-key)"),
  ),
  repeat: z.exactOptional(z.literal(true).describe("it repeats another lane, to tell noise")),
  sent: count,
  answered: count,
  statuses: z.record(z.string(), count).describe('Outcomes by status ("200") or failure ("refused")'),
  fromSent: latency.describe("from sent to answered: service time, in milliseconds"),
  fromDue: latency.describe("from due to answered: what a user would have felt, in milliseconds"),
});

/** The shape of `report.json`, which is the whole {@link RunSummary}. Further fields may be added within format 1. */
export const runSummarySchema: z.ZodType<RunSummary> = z.object({
  format: z.literal(1),
  run: z.string(),
  tapeloop: z.string().describe("version that made the run"),
  startedAt: z.string(),
  durationMs: ms,
  tape: z.object({
    paths: z.array(z.string()),
    exchanges: count,
    firstNs: z.exactOptional(z.string().describe("nanoseconds since the epoch")),
    lastNs: z.exactOptional(z.string().describe("nanoseconds since the epoch")),
    dropped: count,
    truncated: count,
    gaps: count,
    coverage: z.exactOptional(
      z.number().min(0).max(1).describe("share of the calls seen that it holds, in the time of the planned ones"),
    ),
  }),
  settings: z.object({
    order: z.string(),
    pace: z.string(),
    selection: z.string(),
    baseline: z.boolean(),
    keepHost: z.boolean().exactOptional(),
    keepIdempotencyKeys: z.boolean().exactOptional(),
  }),
  reference: z.enum(["recorded", "baseline"]),
  verdict: z.enum(["passed", "diverged", "inconclusive"]),
  reasons: z.array(z.string()),
  steps: count,
  sent: count,
  answered: count,
  compared: count,
  comparedByStatus: z.exactOptional(count.describe("of those compared, by their status alone: from an access log")),
  live: z.number().min(0).max(1).describe("share of Steps whose baseline (or target) gave the recorded status class"),
  minLive: z.number(),
  notSent: z.partialRecord(z.enum(notSentReasons), count).describe("calls on the tape that were not sent, by reason"),
  order: z.object({
    order: z.enum(["causal", "serial", "recorded", "none"]),
    required: count.describe("edges of the full relation"),
    violated: count.describe("must be 0"),
    startInversions: count,
    edges: z.exactOptional(
      z
        .object({ connection: count, session: count, resource: count, value: count })
        .describe("under causal order: the required edges by what ties the two calls"),
    ),
  }),
  latenessMs: z.object({ p50: ms, p99: ms, max: ms }),
  lanes: z.array(lane),
  recordedLatency: z.exactOptional(latency),
  recordedStatuses: z.exactOptional(z.record(z.string(), count)),
  routes: z.exactOptional(z.array(z.object({ hop: z.string(), route: z.string(), compared: count }))),
  divergences: z.array(divergence),
  noise: z.exactOptional(
    z
      .object({
        control: z.enum(["again", "recorded"]),
        pairs: count.describe("Steps whose two answers of one version were compared"),
        noisyPlaces: count,
        bound: z.number().describe("where no noise was seen, it is rarer than this with 95 % confidence"),
        resent: count.describe("requests sent again to decide what was in doubt"),
      })
      .describe("how noise was measured"),
  ),
  rules: z.exactOptional(z.array(rule).describe("the operator's rules, and what each hid")),
  known: z.exactOptional(z.array(knownReport).describe("divergences known before the run, masked where met")),
  expectedGone: z.exactOptional(z.array(knownReport).describe("divergences the run fails on while they are met")),
  carried: z.exactOptional(
    z
      .object({
        links: count.describe("values that requests need of earlier answers"),
        carried: count.describe("of these, how many live values replaced, in all lanes"),
        provided: count.describe("values that providers of credentials gave"),
      })
      .describe("state that followed the live session"),
  ),
  blocked: z.exactOptional(z.array(blocked).describe("Steps not sent in a lane for what they needed of another")),
  latencyInvalid: z.exactOptional(z.string().describe("why latencies of this run say nothing; absent where they do")),
  stub: z.exactOptional(stub),
  chaos: z.exactOptional(
    z
      .object({
        tasks: z.array(
          z.object({
            what: z.string(),
            beganAt: z.string(),
            endedAt: z.exactOptional(z.string()),
            steps: count.describe("Steps of which a candidate lane was asked while it lasted"),
            divergent: count.describe("of those, with Differences"),
          }),
        ),
        onlyDuring: z.array(z.int()).describe("numbers of the divergences met while a task lasted and never else"),
      })
      .describe("what was done to the mesh meanwhile that must change nothing"),
  ),
  timeline: z.array(z.object({ fromMs: ms, toMs: ms, sent: count, failed: count, divergent: count })),
  warnings: z.array(z.string()),
});
