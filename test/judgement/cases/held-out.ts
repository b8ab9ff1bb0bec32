import { gzipSync } from "node:zlib";
import type { JudgedCase } from "../case.js";
import { atDepths, chainCase } from "../chain.js";
import { answering, idOf, json, text, token } from "../services/programs.js";
import { book } from "./book.js";

const version = "version" as const;

/** Written when all others were judged rightly, their truths before anything of theirs was run. */
export const heldOutCases: readonly JudgedCase[] = [
  ...atDepths([1], {
    name: "empty-as-null",
    family: "retyped field",
    answer: { body: { ...book, loans: [] } },
    newChanges: [{ set: { "/loans": null } }],
    truth: [{ places: ["body:/loans"], kinds: ["changed-type"], attribution: version }],
  }),
  ...atDepths([0], {
    name: "flag-flipped",
    family: "changed value",
    answer: { body: { ...book, lendable: true } },
    newChanges: [{ sharePercent: 30, set: { "/lendable": false } }],
    truth: [{ places: ["body:/lendable"], kinds: ["changed-value"], attribution: version }],
  }),
  ...atDepths([2], {
    name: "no-content",
    family: "status",
    method: "POST",
    answer: { status: 200, body: book },
    newChanges: [{ status: 204 }],
    truth: [{ places: ["status"], kinds: ["status"], attribution: version }],
    consequences: [{ hop: "back", places: ["body", "header:content-type", "header:content-length"] }],
  }),
  ...atDepths([1], {
    name: "twice-in-list",
    family: "pagination drift",
    answer: { body: { ...book, shelves: ["A3", "B7"] } },
    newChanges: [{ set: { "/shelves": ["A3", "B7", "B7"] } }],
    truth: [
      { places: ["body:/shelves", "body:/shelves/*"], kinds: ["array-length", "added-element"], attribution: version },
    ],
    consequences: [{ hop: "middle", places: ["body:/shelves", "body:/shelves/*"] }],
  }),
  ...atDepths([0, 2], {
    name: "attribute-in-page",
    family: "changed value",
    program: (which) =>
      answering((request) =>
        text(`<book id="${idOf(request)}">\n  <title lang="${which === "old" ? "en" : "de"}">Emma</title>\n</book>`, {
          "content-type": "text/xml",
        }),
      ),
    truth: [
      {
        places: [/^body/],
        kinds: ["changed-text", "missing-text", "added-text"],
        attribution: version,
        surfaces: /^body/,
      },
    ],
  }),
  chainCase({
    ...{ name: "enum-and-header", family: "pair", depth: 2 },
    answer: { body: { ...book, state: "LENT" }, headers: { vary: "accept" } },
    newChanges: [{ set: { "/state": "ON_LOAN" } }, { headers: { vary: "accept, cookie" } }],
    truth: [
      { places: ["body:/state"], kinds: ["changed-value"], attribution: version },
      { places: ["header:vary"], kinds: ["changed-header"], attribution: version },
    ],
  }),
  ...atDepths([0], {
    name: "sorted-by-time",
    family: "timestamps",
    program: () =>
      answering((request) =>
        json({ id: idOf(request), seen: [0, 1].map((n) => ({ n, at: new Date(Date.now() + n).toISOString() })) }),
      ),
    truth: [],
  }),
  ...atDepths([0, 1], {
    name: "packed-otherwise",
    family: "encoding change",
    program: (which) =>
      answering((request) => {
        const body = gzipSync(JSON.stringify({ id: idOf(request), text: "tape ".repeat(60) }), {
          level: which === "old" ? 1 : 9,
        });
        return { status: 200, headers: { "content-type": "application/json", "content-encoding": "gzip" }, body };
      }),
    // Who does not decode what it embeds shows other characters: that is its caller's answer, not this one's.
    truth: [],
    consequences: [{ hop: "front", places: ["body:/inner"] }],
  }),
  ...atDepths([1], {
    name: "nonce-in-policy",
    family: "ids",
    program: () =>
      answering((request) =>
        json({ id: idOf(request) }, { "content-security-policy": `script-src 'nonce-${token(16)}'; img-src 'self'` }),
      ),
    truth: [],
  }),
];
