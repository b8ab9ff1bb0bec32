import type { JudgedCase } from "../case.js";
import { atDepths } from "../chain.js";
import { book } from "./book.js";

const version = "version" as const;

/** Changes of what the body says. */
export const bodyCases: readonly JudgedCase[] = [
  ...atDepths([0, 1, 2], {
    name: "field-removed",
    family: "removed field",
    answer: { body: book },
    newChanges: [{ remove: ["/stars"] }],
    truth: [{ places: ["body:/stars"], kinds: ["missing-field"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "field-added",
    family: "added field",
    answer: { body: book },
    newChanges: [{ set: { "/author/died": 1941 } }],
    truth: [{ places: ["body:/author/died"], kinds: ["added-field"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "field-retyped",
    family: "retyped field",
    answer: { body: book },
    newChanges: [{ retype: { "/price": "string" } }],
    truth: [{ places: ["body:/price"], kinds: ["changed-type"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "field-renamed",
    family: "renamed field",
    answer: { body: book },
    newChanges: [{ rename: { "/reviews/*/rating": "score" } }],
    truth: [
      { places: ["body:/reviews/*/rating"], kinds: ["missing-field"], attribution: version },
      { places: ["body:/reviews/*/score"], kinds: ["added-field"], attribution: version },
    ],
  }),
  ...atDepths([0, 1, 2], {
    name: "array-reversed",
    family: "reordered array",
    answer: { body: book },
    newChanges: [{ reverse: ["/tags"] }],
    truth: [
      { places: ["body:/tags", "body:/tags/*"], kinds: ["changed-value", "changed-order"], attribution: version },
    ],
  }),
  ...atDepths([0, 2], {
    name: "rounding",
    family: "float jitter",
    answer: { body: { ...book, tax: { $raw: "0.3" } } },
    newChanges: [{ set: { "/tax": { $raw: "0.30000000000000004" } } }],
    truth: [{ places: ["body:/tax"], kinds: ["changed-value"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "big-integer",
    family: "big integer",
    answer: { body: { ...book, account: { $raw: "9007199254740993" } } },
    newChanges: [{ set: { "/account": { $raw: "9007199254740992" } } }],
    truth: [{ places: ["body:/account"], kinds: ["changed-value"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "default-dropped",
    family: "default value dropped",
    answer: { body: { ...book, discount: 0 } },
    newChanges: [{ sharePercent: 50, remove: ["/discount"] }],
    truth: [{ places: ["body:/discount"], kinds: ["missing-field"], attribution: version }],
  }),
  ...atDepths([0, 1, 2], {
    name: "time-zone",
    family: "timezone shift",
    answer: { body: { ...book, due: "2026-01-05T10:00:00Z" } },
    newChanges: [{ set: { "/due": "2026-01-05T12:00:00+02:00" } }],
    truth: [{ places: ["body:/due"], kinds: ["changed-value"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "page-size",
    family: "pagination drift",
    answer: {
      body: {
        page: 1,
        items: { $list: { count: 10, of: { sku: "item {n}", price: { $number: [1, 99] } } } },
        next: "/page-size?after=10",
      },
    },
    newChanges: [
      {
        body: {
          page: 1,
          items: { $list: { count: 8, of: { sku: "item {n}", price: { $number: [1, 99] } } } },
          next: "/page-size?after=8",
        },
      },
    ],
    truth: [
      { places: ["body:/items"], kinds: ["array-length"], attribution: version },
      { places: ["body:/next"], kinds: ["changed-value"], attribution: version },
    ],
  }),
  ...atDepths([0, 1, 2], {
    name: "other-tenant",
    family: "wrong tenant",
    answer: { body: { tenant: "{query:tenant}", invoice: { $from: "id" }, total: { $number: [10, 900] } } },
    newChanges: [{ set: { "/tenant": "globex", "/total": { $number: [1000, 9000] } } }],
    request: (n) => ({ headers: { "x-tenant": n % 2 === 0 ? "acme" : "initech" } }),
    truth: [
      { places: ["body:/tenant"], kinds: ["changed-value"], attribution: version },
      { places: ["body:/total"], kinds: ["changed-value"], attribution: version },
    ],
  }),
];
