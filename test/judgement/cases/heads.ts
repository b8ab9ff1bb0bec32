import type { JudgedCase } from "../case.js";
import { atDepths } from "../chain.js";
import { book } from "./book.js";

const version = "version" as const;

/** Changes of status, headers, coding and ends. */
export const headCases: readonly JudgedCase[] = [
  ...atDepths([0, 1, 2], {
    name: "not-found",
    family: "status",
    answer: { body: book },
    newChanges: [{ status: 404 }],
    truth: [{ places: ["status"], kinds: ["status"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "error-for-some",
    family: "status",
    answer: { body: book },
    newChanges: [{ sharePercent: 25, status: 500, body: { error: "no such shelf" } }],
    truth: [{ places: ["status"], kinds: ["status"], attribution: version }],
    consequences: [0, 1, 2].map((depth) => ({
      hop: (["front", "middle", "back"] as const)[depth]!,
      places: ["error", ...Object.keys(book)].map((field) => `body:/${field}`),
    })),
  }),
  ...atDepths([0, 1, 2], {
    name: "header-changed",
    family: "header",
    answer: { body: book, headers: { "cache-control": "max-age=60", "x-shelf": "A3" } },
    newChanges: [{ headers: { "cache-control": "no-store" } }],
    truth: [{ places: ["header:cache-control"], kinds: ["changed-header"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "header-gone",
    family: "header",
    answer: { body: book, headers: { "x-shelf": "A3" } },
    newChanges: [{ headers: { "x-shelf": null } }],
    truth: [{ places: ["header:x-shelf"], kinds: ["missing-header"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "coding",
    family: "encoding change",
    answer: { body: book, encoding: "gzip" },
    newChanges: [{ encoding: "br" }],
    request: () => ({ headers: { "accept-encoding": "gzip, br" } }),
    truth: [{ places: ["header:content-encoding"], kinds: ["content-encoding"], attribution: version }],
    // Services that do not decode what they embed show other characters.
    consequences: [
      { hop: "front", places: ["body:/inner", "body:/inner/inner"] },
      { hop: "middle", places: ["body:/inner"] },
    ],
  }),
  ...atDepths([0, 2], {
    name: "cookie-flag",
    family: "cookie attribute",
    answer: { body: book, headers: { "set-cookie": ["theme=dark; Path=/; Secure; HttpOnly"] } },
    newChanges: [{ headers: { "set-cookie": ["theme=dark; Path=/; HttpOnly"] } }],
    truth: [{ places: ["header:set-cookie/theme/secure"], kinds: ["missing-header"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "redirected",
    family: "redirect target",
    answer: { status: 302, headers: { location: "/login?next={id}" } },
    newChanges: [{ headers: { location: "/signin?next={id}" } }],
    truth: [{ places: ["header:location"], kinds: ["changed-header"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "cut-short",
    family: "truncated body",
    answer: { body: book },
    newChanges: [{ cutAfterBytes: 30 }],
    truth: [{ places: ["body", "status"], kinds: ["answer-end", "failure"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "max-age",
    family: "cache age",
    answer: { body: book, headers: { "cache-control": "max-age=600", age: "{query:n}" } },
    newChanges: [{ headers: { "cache-control": "max-age=60" } }],
    truth: [{ places: ["header:cache-control"], kinds: ["changed-header"], attribution: version }],
  }),
];
