import type { Database, Statement } from "better-sqlite3";
import { unpackBytes } from "./block/compression.js";
import { ReadBlock } from "./block/read-block.js";

/** A block of a segment, unpacked, with what its row says. */
export interface StoredBlock {
  block: ReadBlock;
  row: number;
  recorder: number;
  /** `false`: it is one call whose answer is still to come. */
  isComplete: boolean;
  ownShelf: number | null;
  sequences: { least: number; greatest: number };
  plainBytes: number;
}

type BlockRow = readonly [
  id: bigint,
  recorder: bigint,
  exchanges: bigint,
  complete: bigint,
  baseNs: bigint,
  baseSequence: bigint,
  leastSequence: bigint,
  greatestSequence: bigint,
  ownShelf: bigint | null,
  codec: bigint,
  dictionary: bigint | null,
  plainBytes: bigint,
  bytes: Buffer,
];

const blockQuery = `
  SELECT id, recorder, exchanges, complete, base_ns, base_sequence, least_sequence, greatest_sequence, own_shelf,
    codec, dictionary, plain_bytes, bytes
  FROM block WHERE id <= ? ORDER BY id DESC LIMIT 1`;

/** Reads the blocks of one database. */
export class StoredBlocks {
  readonly #find: Statement<[number], BlockRow>;
  readonly #dictionaries: Dictionaries;

  constructor(db: Database, dictionaries = new Dictionaries(db)) {
    this.#find = db.prepare<[number], BlockRow>(blockQuery).raw().safeIntegers(true);
    this.#dictionaries = dictionaries;
  }

  /** The block that holds the Exchange of this row. Throws a RangeError when it is damaged. */
  holding(row: number): StoredBlock | undefined {
    const found = this.#find.get(row);
    if (found === undefined || row >= Number(found[0]) + Number(found[2])) return undefined;
    const plain = unpackBytes(
      { codec: Number(found[9]), bytes: found[12] },
      Number(found[11]),
      this.#dictionaries.of(found[10]),
    );
    return {
      block: new ReadBlock(plain, Number(found[2]), { baseNs: found[4], baseSequence: Number(found[5]) }),
      row: Number(found[0]),
      recorder: Number(found[1]),
      isComplete: found[3] === 1n,
      ownShelf: found[8] === null ? null : Number(found[8]),
      sequences: { least: Number(found[6]), greatest: Number(found[7]) },
      plainBytes: plain.length,
    };
  }
}

/** The dictionaries of a segment, read when they are asked for. */
export class Dictionaries {
  readonly #find: Statement<[number], Buffer>;
  readonly #known = new Map<number, Buffer>();

  constructor(db: Database) {
    this.#find = db.prepare<[number], Buffer>("SELECT bytes FROM dictionary WHERE id = ?").pluck();
  }

  of(dictionary: number | bigint | null): Buffer | undefined {
    if (dictionary === null) return undefined;
    const number = Number(dictionary);
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    const found = this.#find.get(number);
    if (found !== undefined) this.#known.set(number, found);
    return found;
  }
}
