import { crc32 } from "node:zlib";
import type { Database, Statement } from "better-sqlite3";
import { unknownHash } from "../../message/index.js";
import type { RedactedBody } from "../redaction/index.js";
import { type BodyIdentity, BodyShelfDraft, bodiesPerShelf, type ShelfContents } from "./block/body-shelf.js";
import { isPackable, unpackedBytes } from "./block/compression.js";
import { looksRandom } from "./block/looks-random.js";
import { type Packed, Packer } from "./block/packer.js";
import type { BodyLink } from "./block/write-record.js";
import type { SegmentMemory } from "./segment-memory.js";

const noLink: BodyLink = { kind: "none" };
const largeBytes = 64 * 1024;
const hashOfUnknown = Buffer.from(unknownHash, "hex");

/**
 * Bodies of a segment being written: equal ones are stored once. Within a transaction: `begin`, bodies, `flush`; the
 * bytes given are held until then.
 */
export class BodyShelves {
  readonly #memory: SegmentMemory;
  readonly #packer: Packer;
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** Bodies that will pack apart from those that will not, such as pictures: among these the others would pack worse. */
  readonly #packable = new OpenShelf();
  readonly #random = new OpenShelf();
  #nextShelf = 0;

  constructor(db: Database, memory: SegmentMemory, storeDictionary: (bytes: Uint8Array) => number) {
    this.#memory = memory;
    this.#packer = new Packer(storeDictionary);
    this.#statements = prepareStatements(db);
  }

  begin(): void {
    this.#nextShelf = this.#statements.nextShelf.get()!;
  }

  flush(): void {
    for (const shelf of [this.#packable, this.#random]) this.#flushShelf(shelf);
  }

  discard(): void {
    this.#packable.draft.clear();
    this.#random.draft.clear();
    this.#packer.forget();
  }

  /** Where the kept bytes of a body are. `asItCame`: they are those its hash is over. */
  link(body: RedactedBody, asItCame: boolean): BodyLink {
    if (body.kind === "empty") return noLink;
    if (body.kind === "unredactable" || body.bytes.length === 0) return { kind: "hash", hash: body.hash };
    const identity = { hash: body.hash, check: asItCame ? 0 : checkOf(body.bytes) };
    // The same for all bodies whose hash is not known: it tells none from another.
    if (hashOfUnknown.equals(body.hash)) return { kind: "stored", number: this.#add(body.bytes, identity) };
    const known = this.#memory.bodies.find(identity);
    if (known !== undefined) return { kind: "stored", number: known };
    const number = this.#add(body.bytes, identity);
    this.#memory.bodies.add(identity, number);
    return { kind: "stored", number };
  }

  /** Stores what came so far of a body that is still coming, on a shelf that can be removed; no other Exchange gets it. */
  linkAlone(body: RedactedBody): { link: BodyLink; ownShelf: number | null } {
    if (body.kind === "empty") return { link: noLink, ownShelf: null };
    if (body.kind === "unredactable" || body.bytes.length === 0) {
      return { link: { kind: "hash", hash: body.hash }, ownShelf: null };
    }
    const draft = new BodyShelfDraft();
    draft.add(body.bytes, { hash: body.hash, check: 0 });
    const ownShelf = this.#nextShelf++;
    this.#insert(ownShelf, draft.take(), { shared: 0 });
    return { link: { kind: "stored", number: ownShelf * bodiesPerShelf }, ownShelf };
  }

  remove(ownShelf: number | null): void {
    if (ownShelf !== null) this.#statements.remove.run(ownShelf);
  }

  #add(bytes: Uint8Array, identity: BodyIdentity): number {
    const shelf = looksRandom(bytes) ? this.#random : this.#packable;
    if (!shelf.draft.hasRoomFor(bytes.length)) this.#flushShelf(shelf);
    if (shelf.draft.isEmpty) shelf.number = this.#nextShelf++;
    return shelf.number * bodiesPerShelf + shelf.draft.add(bytes, identity);
  }

  #flushShelf(shelf: OpenShelf): void {
    if (!shelf.draft.isEmpty) this.#insert(shelf.number, shelf.draft.take(), { shared: 1 });
  }

  #packed(plain: Uint8Array, bodies: number): Packed {
    const isLarge = bodies === 1 && plain.length > largeBytes;
    return isLarge && !isPackable(plain) ? { dictionary: null, ...unpackedBytes(plain) } : this.#packer.pack(plain);
  }

  #insert(number: number, { bodies, directory, plain }: ShelfContents, { shared }: { shared: number }): void {
    const { codec, dictionary, bytes } = this.#packed(plain, bodies);
    this.#statements.insert.run(number, shared, bodies, codec, dictionary, plain.length, directory, bytes);
  }
}

class OpenShelf {
  readonly draft = new BodyShelfDraft();
  number = 0;
}

/** Two bodies of one hash are kept differently where one was cut, or redacted by another rule. */
function checkOf(bytes: Uint8Array): number {
  return (crc32(bytes) ^ bytes.length) >>> 0;
}

function prepareStatements(db: Database) {
  return {
    nextShelf: db.prepare<[], number>("SELECT coalesce(max(id), 0) + 1 FROM body_shelf").pluck(),
    insert: db.prepare(
      `INSERT INTO body_shelf (id, shared, bodies, codec, dictionary, plain_bytes, directory, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ) as Statement<(number | null | Uint8Array)[]>,
    remove: db.prepare("DELETE FROM body_shelf WHERE id = ? AND shared = 0"),
  };
}
