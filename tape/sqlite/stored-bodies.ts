import type { Database, Statement } from "better-sqlite3";
import type { Body } from "../../message/index.js";
import { bodiesPerShelf, ReadShelf } from "./block/body-shelf.js";
import { unpackBytes } from "./block/compression.js";
import type { BodyLink } from "./block/read-record.js";
import type { Dictionaries } from "./stored-blocks.js";

/** Shelves that are held unpacked, by bytes: the bodies of Exchanges one after the other lie together. */
const heldShelfBytes = 16 * 1024 * 1024;

type ShelfRow = readonly [
  codec: number,
  dictionary: bigint | number | null,
  plainBytes: number,
  directory: Buffer,
  bytes: Buffer,
];

/** Reads the bodies of one segment. */
export class StoredBodies {
  readonly #find: Statement<[number], ShelfRow>;
  readonly #dictionaries: Dictionaries;
  readonly #held = new Map<number, ReadShelf>();
  #heldBytes = 0;

  constructor(db: Database, dictionaries: Dictionaries) {
    this.#find = db
      .prepare<[number], ShelfRow>(
        "SELECT codec, dictionary, plain_bytes, directory, bytes FROM body_shelf WHERE id = ?",
      )
      .raw();
    this.#dictionaries = dictionaries;
  }

  /** Throws a RangeError when what its head and its link tell of is not there. */
  body(kind: Body["kind"], seenBytes: number, link: BodyLink): Body {
    if (kind === "empty") return { kind };
    if (typeof link === "number") {
      const { bytes, hash } = this.#stored(link);
      return kind === "cut" ? { kind, bytes, fullBytes: seenBytes, hash } : { kind: "whole", bytes, hash };
    }
    if (link === undefined) throw new RangeError("an Exchange does not say where its body is");
    const hash = Buffer.from(link).toString("hex");
    if (kind === "unredactable") return { kind, fullBytes: seenBytes, hash };
    const bytes = new Uint8Array(0);
    return kind === "cut" ? { kind, bytes, fullBytes: seenBytes, hash } : { kind, bytes, hash };
  }

  #stored(number: number): { bytes: Uint8Array; hash: string } {
    const place = number % bodiesPerShelf;
    const body = this.#shelf((number - place) / bodiesPerShelf)?.body(place);
    if (body === undefined) throw new RangeError(`body ${number} of an Exchange is not in its segment`);
    return body;
  }

  #shelf(number: number): ReadShelf | undefined {
    const held = this.#held.get(number);
    if (held !== undefined) return held;
    const row = this.#find.get(number);
    if (row === undefined) return undefined;
    const [codec, dictionary, plainBytes, directory, bytes] = row;
    const plain = unpackBytes({ codec, bytes }, plainBytes, this.#dictionaries.of(dictionary));
    const shelf = new ReadShelf(directory, plain);
    this.#hold(number, shelf);
    return shelf;
  }

  #hold(number: number, shelf: ReadShelf): void {
    this.#held.set(number, shelf);
    this.#heldBytes += shelf.plainBytes;
    for (const [oldest, { plainBytes }] of this.#held) {
      if (this.#heldBytes <= heldShelfBytes || oldest === number) return;
      this.#held.delete(oldest);
      this.#heldBytes -= plainBytes;
    }
  }
}
