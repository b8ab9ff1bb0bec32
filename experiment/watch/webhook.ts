import { request } from "undici";
import { reasonOf } from "../../base/index.js";
import type { Reading } from "../threshold/reading.js";

/** What a webhook is told of an experiment. */
export interface WebhookState {
  experiment: string;
  run: string;
  state: string;
  elapsedMs: number;
  thresholds: readonly { name: string; standing: string; value?: number }[];
}

/** A webhook that is slower than this is taken for gone. */
const answerMs = 10_000;

/**
 * Asks a webhook whether all is well: it is sent the state as JSON. 2xx is well (0) unless its JSON says `{"ok": false}`,
 * which trips (1), with its `reason`; anything else, and no answer at all, is unknown. Never rejects.
 */
export async function askWebhook(url: string, state: WebhookState, signal?: AbortSignal): Promise<Reading> {
  const limit = AbortSignal.timeout(answerMs);
  try {
    const { statusCode, body } = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(state),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const text = await body.text();
    if (statusCode < 200 || statusCode > 299) return { kind: "unknown", why: `the webhook answered ${statusCode}` };
    return verdictOf(text);
  } catch (trouble) {
    const why = limit.aborted ? `no answer within ${answerMs / 1000} s` : reasonOf(trouble);
    return { kind: "unknown", why: `cannot reach the webhook at ${new URL(url).origin}: ${why}` };
  }
}

function verdictOf(text: string): Reading {
  const { ok, reason } = objectIn(text);
  if (ok !== false) return { kind: "value", value: 0, trips: false };
  return { kind: "value", value: 1, trips: true, ...(typeof reason === "string" ? { of: reason } : {}) };
}

function objectIn(text: string): { ok?: unknown; reason?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
