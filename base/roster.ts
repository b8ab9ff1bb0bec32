/** What can be on one roster at a time. */
export interface Rostered {
  /** Where it is on its roster, kept by the roster; -1 while it is on none. */
  place: number;
}

/**
 * Those that are somewhere now, of many that come and go; in no order.
 *
 * Not a `Set`: one whose table has grown old makes a new table every so many deletions, and the old table, dead but not yet
 * collected, holds the new one with all that is in it then, that one the next, and so on. So everything that ever passed
 * through is carried to the old generation, until a full collection: it made a replay's young collections four times as long.
 */
export class Roster<T extends Rostered> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** Adds one that is on no roster: were it on another, that one would lose it. */
  add(member: T): void {
    if (this.has(member)) return;
    member.place = this.#members.length;
    this.#members.push(member);
  }

  has(member: T): boolean {
    // To look for a place of -1 in an array takes the engine longer than all else here.
    return member.place !== -1 && this.#members[member.place] === member;
  }

  /** Whether it was there. */
  delete(member: T): boolean {
    if (!this.has(member)) return false;
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[member.place] = last;
      last.place = member.place;
    }
    member.place = -1;
    return true;
  }

  clear(): void {
    for (const member of this.#members) member.place = -1;
    this.#members.length = 0;
  }

  /** All of them now, in a list of its own: they may come and go while it is read. */
  all(): readonly T[] {
    return this.#members.slice();
  }
}
