import { hashOfText } from "../values/text-hash.js";

/** Beyond so many different texts everything counts as met: 24 MB. */
const mostTexts = 2 ** 20;

/** The latest time of each text, in twelve bytes: by hash, so that two texts may be taken for one, with the later time of both. */
export class TextTimes {
  #hashes = new Uint32Array(1024);
  #times = new Float64Array(1024);
  #used = 0;

  set(text: string, time: number): void {
    if (this.#used > mostTexts) return;
    const hash = hashOfText(text);
    const at = this.#placeOf(hash);
    if (this.#hashes[at] === 0) {
      this.#hashes[at] = hash;
      this.#times[at] = time;
      if (++this.#used * 2 > this.#hashes.length) this.#grow();
    } else if (this.#times[at]! < time) {
      this.#times[at] = time;
    }
  }

  /** Whether the text was met after a time; true for some that were not. */
  isAfter(text: string, time: number): boolean {
    return this.isHashAfter(hashOfText(text), time);
  }

  isHashAfter(hash: number, time: number): boolean {
    if (this.#used > mostTexts) return true;
    const at = this.#placeOf(hash);
    return this.#hashes[at] !== 0 && this.#times[at]! > time;
  }

  /** Where a hash is, or would be: open addressing. */
  #placeOf(hash: number): number {
    const mask = this.#hashes.length - 1;
    let at = (hash ^ (hash >>> 15)) & mask;
    while (this.#hashes[at] !== 0 && this.#hashes[at] !== hash) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [hashes, times] = [this.#hashes, this.#times];
    this.#hashes = new Uint32Array(2 * hashes.length);
    this.#times = new Float64Array(2 * hashes.length);
    for (let from = 0; from < hashes.length; from++) {
      if (hashes[from] === 0) continue;
      const at = this.#placeOf(hashes[from]!);
      this.#hashes[at] = hashes[from]!;
      this.#times[at] = times[from]!;
    }
  }
}
