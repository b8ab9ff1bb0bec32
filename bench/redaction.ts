import { makingOnce, redactAnswer, redactionKey } from "../tape/index.js";
import { orderBody, orderBodyWithSecrets } from "./recorder/json-body.js";

/** Bodies of a kind, all different. */
const kinds = {
  "no secret": () => orderBody(),
  "two secret fields": () => orderBodyWithSecrets(),
  "two secret fields, the last ones": () => orderBody().replace(/\}$/, ',"password":"hunter-@","api_key":"key-@"}'),
  "an e-mail address and a card in each line": () =>
    orderBody()
      .replaceAll('"EUR"', '"EUR","mail":"ann\u0000shop.example","pan":"4111111111111111"')
      .replaceAll("\u0000", "\uffff"),
} as const;

const bodiesOfKind = 500;
const rounds = 31;
const key = redactionKey(new Uint8Array(32).fill(7));

/**
 * CPU time a body, in microseconds: redaction beside `JSON.parse` of the same bytes, in turns. The least of each is
 * printed, for what other processes do to a round only adds to it; beside their ratio the median of the rounds' own.
 */
function main(): void {
  for (const [kind, make] of Object.entries(kinds)) {
    const bodies = Array.from({ length: bodiesOfKind }, (_, at) =>
      Buffer.from(
        make()
          .replaceAll("@", String(100_000 + at))
          .replaceAll("\uffff", "@"),
      ),
    );
    const measured = Array.from({ length: rounds }, () => ({
      parsing: cpuMicros(bodies, (body) => JSON.parse(body.toString("utf8"))),
      // As the writing thread does: what comes twice in a batch is made once.
      redacting: makingOnce(key, () => cpuMicros(bodies, redact)),
    }));
    const parsing = Math.min(...measured.map((round) => round.parsing));
    const redacting = Math.min(...measured.map((round) => round.redacting));
    const ratio = median(measured.map((round) => round.redacting / round.parsing));
    process.stdout.write(
      `${bodies[0]!.length} bytes, ${kind}: ${redacting.toFixed(1)} µs, ${(redacting / parsing).toFixed(2)} × JSON.parse ` +
        `(${parsing.toFixed(1)} µs; median of ${rounds} rounds ${ratio.toFixed(2)})\n`,
    );
  }
}

function redact(bytes: Buffer): void {
  const headers = [["content-type", "application/json"]] as const;
  const body = { kind: "whole", bytes, hash: "" } as const;
  redactAnswer({ kind: "response", status: 200, headers, body, trailers: [], end: "complete" }, key);
}

function cpuMicros(bodies: readonly Buffer[], work: (body: Buffer) => unknown): number {
  const began = process.cpuUsage();
  for (const body of bodies) work(body);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / bodies.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

main();
