import type { Reading, Standing } from "./reading.js";

/** One moment of a threshold's history; without a value where it gave none. */
export interface Moment {
  atMs: number;
  value?: number;
}

/** How long things may be so. Milliseconds. */
export interface Patience {
  /** Trips when it was so for this long. */
  forMs: number;
  /** Unknown for good when it gave no reading for this long. */
  unknownForMs: number;
}

/** More moments than this are thinned out, the newest kept. */
const mostMoments = 2_000;

/** Follows one threshold through its readings. */
export class Tracker {
  standing: Standing = { kind: "unread", why: "it was never asked" };
  readonly #patience: Patience;
  #history: Moment[] = [];
  #tripsSinceMs: number | undefined;
  #unknownSinceMs: number | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** In the order of time. */
  get history(): readonly Moment[] {
    return this.#history;
  }

  /** Keeps a reading for the history alone. */
  see(atMs: number, reading: Reading): void {
    this.#history.push(reading.kind === "value" ? { atMs, value: reading.value } : { atMs });
    if (this.#history.length >= mostMoments) this.#history = this.#history.filter((_, at) => at % 2 === 1);
  }

  /** Takes a reading in; gives how the threshold stands now. */
  take(atMs: number, reading: Reading): Standing {
    this.see(atMs, reading);
    if (this.standing.kind === "tripped" || this.standing.kind === "unknown") return this.standing;
    this.standing = this.#standingAfter(atMs, reading);
    return this.standing;
  }

  #standingAfter(atMs: number, reading: Reading): Standing {
    if (reading.kind !== "unknown") this.#unknownSinceMs = undefined;
    if (reading.kind !== "value" || !reading.trips) this.#tripsSinceMs = undefined;
    switch (reading.kind) {
      case "unknown":
        this.#unknownSinceMs ??= atMs;
        return atMs - this.#unknownSinceMs >= this.#patience.unknownForMs
          ? { kind: "unknown", atMs, why: reading.why }
          : this.standing;
      case "early":
        return this.standing.kind === "unread" ? { kind: "unread", why: reading.why } : { kind: "well" };
      case "value": {
        if (!reading.trips) return { kind: "well" };
        this.#tripsSinceMs ??= atMs;
        if (atMs - this.#tripsSinceMs < this.#patience.forMs) return { kind: "near", sinceMs: this.#tripsSinceMs };
        const { value, of } = reading;
        return of === undefined ? { kind: "tripped", atMs, value } : { kind: "tripped", atMs, value, of };
      }
    }
  }

  /** At the end: what gave no reading, or gave none any more, is unknown and never well. */
  close(atMs: number): Standing {
    if (this.standing.kind === "unread")
      this.standing = { kind: "unknown", atMs, why: `it gave no reading: ${this.standing.why}` };
    else if (
      this.#unknownSinceMs !== undefined &&
      this.standing.kind !== "tripped" &&
      this.standing.kind !== "unknown"
    ) {
      this.standing = { kind: "unknown", atMs, why: "its last readings are missing" };
    }
    return this.standing;
  }
}
