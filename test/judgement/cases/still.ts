import { randomUUID } from "node:crypto";
import type { JudgedCase } from "../case.js";
import { atDepths } from "../chain.js";
import { answering, etagOf, idOf, json, text, token } from "../services/programs.js";
import { book } from "./book.js";

/** Nothing was changed that matters: old and new version are the same, or say the same in another form. */
export const stillCases: readonly JudgedCase[] = [
  ...atDepths([0, 1, 2], {
    name: "times",
    family: "timestamps",
    answer: { body: { ...book, servedAt: { $now: "iso" }, stamp: { $now: "epoch-ms" } } },
    truth: [],
  }),
  ...atDepths([0, 1, 2], {
    name: "fresh-ids",
    family: "ids",
    answer: { body: { ...book, request: { $uuid: "fresh" }, links: [{ href: "/x", id: { $uuid: "fresh" } }] } },
    truth: [],
  }),
  ...atDepths([0, 1, 2], {
    name: "any-order",
    family: "map order noise",
    answer: { body: { ...book, set: { $shuffle: ["north", "east", "south", "west", "up"] } } },
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "jitter",
    family: "float jitter",
    answer: { body: { ...book, load: { $random: [0.41, 0.43, 9] } } },
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "counted",
    family: "ids",
    answer: { body: { ...book, serial: { $count: "serial" } } },
    truth: [],
  }),
  ...atDepths([0, 1, 2], {
    name: "echoed",
    family: "request headers echoed",
    program: () => answering((request) => json({ id: idOf(request), headers: request.headers })),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "echoed-in-text",
    family: "request headers echoed",
    program: () =>
      answering((request) =>
        text(
          Object.entries(request.headers)
            .map(([name, value]) => `${name}: ${String(value)}`)
            .join("\n"),
        ),
      ),
    truth: [],
  }),
  ...atDepths([0], {
    name: "echoed-in-headers",
    family: "request headers echoed",
    program: () =>
      answering((request) =>
        json(
          { id: idOf(request) },
          {
            "x-seen-trace": String(request.headers.traceparent ?? ""),
            "x-seen-id": String(request.headers["x-request-id"] ?? ""),
            "x-seen-baggage": String(request.headers.baggage ?? ""),
          },
        ),
      ),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "own-address",
    family: "redirect target",
    program: () =>
      answering((request) =>
        json(
          { next: `http://${request.headers.host}/own-address/${idOf(request)}?page=2` },
          { location: `http://${request.headers.host}/own-address/${idOf(request)}/done` },
          201,
        ),
      ),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "key-order",
    family: "map order noise",
    program: (version) =>
      answering((request) => {
        const [id, title, stars] = [idOf(request), "Emma", 4];
        return version === "old" ? json({ id, title, stars }) : json({ stars, title, id });
      }),
    truth: [],
  }),
  ...atDepths([0], {
    name: "white-space",
    family: "encoding change",
    program: (version) =>
      answering((request) =>
        text(JSON.stringify({ id: idOf(request), tags: ["a", "b"] }, null, version === "old" ? 0 : 2), {
          "content-type": "application/json",
        }),
      ),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "session",
    family: "cookie attribute",
    program: () =>
      answering((request) =>
        json({ id: idOf(request) }, { "set-cookie": [`sid=${token()}; Path=/; HttpOnly`, "theme=dark; Path=/"] }),
      ),
    truth: [],
  }),
  ...atDepths([0], {
    name: "tagged",
    family: "ids",
    program: () =>
      answering((request) => {
        const body = JSON.stringify({ id: idOf(request), servedAt: new Date().toISOString(), nonce: token() });
        return text(body, { "content-type": "application/json", etag: etagOf(body) });
      }),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "cursor",
    family: "pagination drift",
    program: () =>
      answering((request) =>
        json({ items: [{ id: idOf(request) }, { id: "b" }], next: token(24), previous: token(24) }),
      ),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "aged",
    family: "cache age",
    program: () =>
      answering((request) => {
        const age = Math.floor(Math.random() * 500);
        const expires = new Date(Date.now() + (600 - age) * 1000).toUTCString();
        return json({ id: idOf(request), cached: { ageSeconds: age } }, { age: String(age), expires });
      }),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "flaky-in-both",
    family: "flaky 1 % errors",
    calls: 150,
    answer: { body: book },
    oldChanges: [{ sharePercent: 2, drawnBy: "request", status: 503, body: { error: "busy" } }],
    newChanges: [{ sharePercent: 2, drawnBy: "request", status: 503, body: { error: "busy" } }],
    truth: [],
  }),
  ...atDepths([0], {
    name: "often-flaky",
    family: "flaky 1 % errors",
    calls: 60,
    answer: { body: book },
    oldChanges: [{ sharePercent: 20, drawnBy: "request", status: 503, body: { error: "busy" } }],
    newChanges: [{ sharePercent: 20, drawnBy: "request", status: 503, body: { error: "busy" } }],
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "pods",
    family: "ids",
    program: () =>
      answering((request) => json({ id: idOf(request), pod: `shop-7bf98-${"abcdef"[Math.floor(Math.random() * 6)]}` })),
    truth: [],
  }),
  ...atDepths([0], {
    name: "page-with-time",
    family: "timestamps",
    program: () =>
      answering((request) =>
        text(
          `<html>\n<h1>${idOf(request)}</h1>\n<p>rendered ${new Date().toISOString()} for ${randomUUID()}</p>\n</html>`,
          { "content-type": "text/html" },
        ),
      ),
    truth: [],
  }),
  ...atDepths([0, 2], {
    name: "uneven",
    family: "slow-down",
    answer: { body: book, delayMs: { $number: [0, 12] } },
    truth: [],
  }),
];
