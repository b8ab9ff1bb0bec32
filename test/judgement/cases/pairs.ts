import type { JudgedCase } from "../case.js";
import { atDepths, chainCase } from "../chain.js";
import { answering, etagOf, idOf, json, text, token } from "../services/programs.js";
import { book } from "./book.js";

const version = "version" as const;
const family = "pair";

/** Two things at once: two changes, or a change where something moves by itself. */
export const pairCases: readonly JudgedCase[] = [
  withFrontChange({
    name: "two-hops",
    newChanges: [{ set: { "/edition": 2 } }],
    place: "body:/edition",
    kind: "added-field",
  }),
  withFrontChange({
    name: "same-name-at-two-hops",
    newChanges: [{ remove: ["/stars"] }],
    place: "body:/stars",
    kind: "missing-field",
  }),
  ...atDepths([0, 1, 2], {
    name: "removed-amid-times",
    family,
    answer: { body: { ...book, servedAt: { $now: "iso" }, trace: { $uuid: "fresh" } } },
    newChanges: [{ remove: ["/stars"] }],
    truth: [{ places: ["body:/stars"], kinds: ["missing-field"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "status-and-header",
    family,
    answer: { body: book, headers: { "cache-control": "max-age=60" } },
    newChanges: [{ sharePercent: 30, status: 410 }, { headers: { "cache-control": "no-store" } }],
    truth: [
      { places: ["status"], kinds: ["status"], attribution: version },
      { places: ["header:cache-control"], kinds: ["changed-header"], attribution: version },
    ],
  }),
  ...atDepths([0, 2], {
    name: "coding-and-field",
    family,
    answer: { body: book, encoding: "gzip" },
    newChanges: [{ encoding: "identity" }, { remove: ["/stars"] }],
    request: () => ({ headers: { "accept-encoding": "gzip" } }),
    truth: [
      { places: ["header:content-encoding"], kinds: ["content-encoding"], attribution: version },
      { places: ["body:/stars"], kinds: ["missing-field"], attribution: version },
    ],
  }),
  ...atDepths([0, 2], {
    name: "element-lost-in-any-order",
    family,
    answer: { body: { ...book, set: { $shuffle: ["north", "east", "south", "west", "up"] } } },
    newChanges: [{ set: { "/set": { $shuffle: ["north", "east", "south", "west"] } } }],
    truth: [{ places: ["body:/set"], kinds: ["array-length"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "element-other-in-any-order",
    family,
    answer: { body: { ...book, set: { $shuffle: ["north", "east", "south", "west", "up"] } } },
    newChanges: [{ set: { "/set": { $shuffle: ["north", "east", "south", "west", "down"] } } }],
    truth: [
      {
        places: ["body:/set", "body:/set/*"],
        kinds: ["changed-value", "missing-element", "added-element"],
        attribution: version,
      },
    ],
  }),
  ...atDepths([0, 2], {
    name: "session-without-flag",
    family,
    program: (which) =>
      answering((request) =>
        json(
          { id: idOf(request) },
          { "set-cookie": `sid=${token()}; Path=/; HttpOnly${which === "old" ? "; SameSite=Lax" : ""}` },
        ),
      ),
    truth: [{ places: ["header:set-cookie/sid/samesite"], kinds: ["missing-header"], attribution: version }],
  }),
  ...atDepths([0], {
    name: "tagged-and-changed",
    family,
    program: (which) =>
      answering((request) => {
        const body = JSON.stringify({ id: idOf(request), stars: which === "old" ? 4 : 5 });
        return text(body, { "content-type": "application/json", etag: etagOf(body) });
      }),
    truth: [{ places: ["body:/stars"], kinds: ["changed-value"], attribution: version }],
    consequences: [{ hop: "front", places: ["header:etag"] }],
  }),
  ...atDepths([0, 2], {
    name: "fresh-time-in-other-zone",
    family,
    program: (which) =>
      answering((request) => {
        const at = new Date();
        const shifted = new Date(at.getTime() + 7_200_000).toISOString().replace("Z", "+02:00");
        return json({ id: idOf(request), at: which === "old" ? at.toISOString() : shifted });
      }),
    truth: [{ places: ["body:/at"], kinds: ["changed-value"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "fresh-time-as-number",
    family,
    answer: { body: { ...book, at: { $now: "iso" } } },
    newChanges: [{ set: { "/at": { $now: "epoch-ms" } } }],
    truth: [{ places: ["body:/at"], kinds: ["changed-type"], attribution: version }],
  }),
  ...atDepths([0], {
    name: "fresh-id-as-word",
    family,
    answer: { body: { ...book, request: { $uuid: "fresh" } } },
    newChanges: [{ set: { "/request": "unknown" } }],
    truth: [{ places: ["body:/request"], kinds: ["changed-value"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "level-under-jitter",
    family,
    answer: { body: { ...book, load: { $random: [0.41, 0.43, 9] } } },
    newChanges: [{ set: { "/load": { $random: [4.1, 4.3, 9] } } }],
    truth: [{ places: ["body:/load"], kinds: ["changed-value"], attribution: version }],
  }),
];

/** A field lost at the deepest service, and a change of its own at the first one. */
function withFrontChange(front: {
  name: string;
  newChanges: readonly Record<string, unknown>[];
  place: string;
  kind: string;
}): JudgedCase {
  const chain = chainCase({
    ...{ name: front.name, family, depth: 2, answer: { body: book } },
    newChanges: [{ remove: ["/stars"] }],
    passing: { front: { body: { stars: 3 }, newChanges: front.newChanges } },
    truth: [{ places: ["body:/stars"], kinds: ["missing-field"], attribution: version }],
  });
  return {
    ...chain,
    truth: [...chain.truth, { hop: "front", places: [front.place], kinds: [front.kind], attribution: version }],
  };
}
