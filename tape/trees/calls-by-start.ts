import type { CallNode } from "../calls/call-node.js";

/** How many calls before and after a moment are looked at, and how many long ones: no call costs more than that. */
const before = 256;
const after = 32;
const longOnes = 64;

/** Calls in order of their start, of which those that may have been open at a moment are looked through. */
export class CallsByStart {
  readonly nodes: readonly CallNode[];
  #long: readonly CallNode[] | undefined;

  /** `nodes` in order of their start. */
  constructor(nodes: readonly CallNode[]) {
    this.nodes = nodes;
  }

  /** Those that began not long before the moment or just after it, and the longest of all, wherever they began. */
  near(startNs: number): readonly CallNode[] {
    if (this.nodes.length <= before + after) return this.nodes;
    const at = this.#firstAfter(startNs);
    const close = this.nodes.slice(Math.max(0, at - before), at + after);
    const firstStartNs = close[0]!.startNs;
    return [...this.#longest().filter((node) => node.startNs < firstStartNs), ...close];
  }

  #firstAfter(startNs: number): number {
    let [low, high] = [0, this.nodes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.nodes[middle]!.startNs <= startNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #longest(): readonly CallNode[] {
    this.#long ??= [...this.nodes]
      .sort((a, b) => durationNs(b) - durationNs(a))
      .slice(0, longOnes)
      .sort((a, b) => a.startNs - b.startNs);
    return this.#long;
  }
}

function durationNs({ startNs, endNs = startNs }: CallNode): number {
  return endNs - startNs;
}
