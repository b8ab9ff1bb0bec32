import { type Clock, type MonotonicMs, toEpochNs } from "../../base/index.js";
import { comparableRequestId } from "../../tape/index.js";
import type { Recording } from "../capture/recording.js";
import type { LogEntry } from "./log-entries.js";

/** A mirrored call that waits for its entry, or has been left out of the tape by choice or by a bound. */
interface WaitingCall {
  sequence: number;
  startedEpochMs: number;
  isKept: boolean;
}

interface WaitingEntry {
  entry: LogEntry;
  sinceMs: MonotonicMs;
}

/** Told what became of an entry. */
export interface JoinResults {
  /** It tells of the Exchange with this sequence. */
  joined(sequence: number, entry: LogEntry): void;
  /** No call of the window is its call. */
  unmatched(entry: LogEntry): void;
}

/** Calls at once whose entry is awaited: a call takes some 300 bytes here. The oldest give way. */
const mostCalls = 32_768;
/** Entries at once whose call has not been seen, and for how long they wait: a copy of a request may come late. */
const mostEntries = 4096;
const entryWaitsMs = 10_000;

/**
 * Joins the entries of an access log to mirrored calls: same x-request-id (its 15th character apart, which a tracing Envoy
 * rewrites), method, authority and path, for ids repeat over hops and retries; of several the one that began nearest.
 */
export class MirroredCalls {
  readonly #clock: Clock;
  readonly #results: JoinResults;
  /** In the order they began, by what joins them; and how many there are. */
  readonly #calls = new Map<string, WaitingCall[]>();
  #callCount = 0;
  readonly #entries = new Map<string, WaitingEntry[]>();
  #entryCount = 0;

  constructor(clock: Clock, results: JoinResults) {
    this.#clock = clock;
    this.#results = results;
  }

  /** A mirrored call has begun. */
  begun({ head, original, sequence, isOpen }: Recording): void {
    const requestId = fieldValue(head.headers, "x-request-id");
    if (requestId === undefined) return;
    const startedEpochMs = Number(toEpochNs(this.#clock, head.startedMs)) / 1e6;
    const call = { sequence, startedEpochMs, isKept: isOpen };
    const key = joinKey(requestId, head.method, original?.authority ?? head.authority, head.path);
    const waiting = this.#entries.get(key);
    if (waiting === undefined) this.#addCall(key, call);
    else this.#joined(call, this.#takeEntry(key, waiting));
  }

  /** An entry has come. */
  told(entry: LogEntry): void {
    const key = joinKey(entry.requestId, entry.method, entry.authority, entry.path);
    const calls = this.#calls.get(key);
    if (calls === undefined) this.#addEntry(key, entry);
    else this.#joined(this.#takeCall(key, calls, entry.startedEpochMs), entry);
  }

  /** Gives up the entries that have waited too long. To be called about each second. */
  expire(): void {
    this.#dropEntries((waiting) => waiting.sinceMs < this.#clock.now() - entryWaitsMs);
  }

  /** Nothing more will come. */
  close(): void {
    this.#dropEntries(() => true);
    this.#calls.clear();
  }

  #joined({ sequence, isKept }: WaitingCall, entry: LogEntry): void {
    if (isKept) this.#results.joined(sequence, entry);
  }

  #addCall(key: string, call: WaitingCall): void {
    const present = this.#calls.get(key);
    if (present === undefined) this.#calls.set(key, [call]);
    else present.push(call);
    if (++this.#callCount <= mostCalls) return;
    const [oldestKey, [, ...later]] = this.#calls.entries().next().value as [string, WaitingCall[]];
    this.#callCount--;
    if (later.length === 0) this.#calls.delete(oldestKey);
    else this.#calls.set(oldestKey, later);
  }

  #takeCall(key: string, calls: WaitingCall[], startedEpochMs: number): WaitingCall {
    const apart = (call: WaitingCall) => Math.abs(call.startedEpochMs - startedEpochMs);
    const nearest = calls.reduce((a, b) => (apart(b) < apart(a) ? b : a));
    this.#callCount--;
    if (calls.length === 1) this.#calls.delete(key);
    else calls.splice(calls.indexOf(nearest), 1);
    return nearest;
  }

  #addEntry(key: string, entry: LogEntry): void {
    if (this.#entryCount === mostEntries) {
      this.#results.unmatched(entry);
      return;
    }
    const waiting = { entry, sinceMs: this.#clock.now() };
    const present = this.#entries.get(key);
    if (present === undefined) this.#entries.set(key, [waiting]);
    else present.push(waiting);
    this.#entryCount++;
  }

  #takeEntry(key: string, waiting: WaitingEntry[]): LogEntry {
    const { entry } = waiting.shift()!;
    this.#entryCount--;
    if (waiting.length === 0) this.#entries.delete(key);
    return entry;
  }

  #dropEntries(isOver: (waiting: WaitingEntry) => boolean): void {
    for (const [key, waiting] of this.#entries) {
      const kept = waiting.filter((one) => !isOver(one));
      for (const { entry } of waiting.filter(isOver)) this.#results.unmatched(entry);
      this.#entryCount -= waiting.length - kept.length;
      if (kept.length === 0) this.#entries.delete(key);
      else this.#entries.set(key, kept);
    }
  }
}

/** Methods that Envoy's log has no name for are told by none. */
function joinKey(requestId: string, method: string, authority: string, path: string): string {
  const known = loggedMethods.has(method) ? method : "";
  return `${comparableRequestId(requestId)} ${known} ${authority.toLowerCase()} ${path}`;
}

const loggedMethods: ReadonlySet<string> = new Set("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH".split(" "));

function fieldValue(headers: readonly string[], lowerName: string): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]!.length === lowerName.length && headers[at]!.toLowerCase() === lowerName) return headers[at + 1];
  }
  return undefined;
}
