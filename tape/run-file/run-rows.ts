import { hash } from "node:crypto";
import type { Database, Statement } from "better-sqlite3";
import { encodeBody } from "../sqlite/body-codec.js";
import { headerBytes } from "../sqlite/header-bytes.js";
import type { Block } from "./blocks.js";
import type { OutcomeColumns, RequestColumns, RunRow } from "./run-message.js";

/** Writes the rows of a run file. */
export class RunRows {
  readonly #db: Database;
  readonly #steps: Statement<unknown[]>;
  readonly #sames: Statement<unknown[]>;
  readonly #request: Statement<unknown[]>;
  readonly #outcome: Statement<unknown[]>;
  readonly #difference: Statement<unknown[]>;
  readonly #pairedHops: Statement<unknown[]>;
  readonly #findBody: Statement<[Uint8Array], number>;
  readonly #body: Statement<[Uint8Array, number, number, Uint8Array]>;
  /** Of the lists of one message, where equal ones are one object. */
  #listBytes = new Map<readonly string[], Uint8Array>();

  constructor(db: Database) {
    this.#db = db;
    this.#steps = db.prepare("INSERT INTO step_block (first, last, texts, numbers) VALUES (?, ?, ?, ?)");
    this.#sames = db.prepare("INSERT INTO same_block (first, last, texts, numbers) VALUES (?, ?, ?, ?)");
    this.#request = db.prepare("INSERT OR REPLACE INTO request VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#outcome = db.prepare("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#difference = db.prepare("INSERT INTO difference VALUES (?, ?, ?)");
    this.#pairedHops = db.prepare("INSERT OR REPLACE INTO paired_hops VALUES (?, ?, ?)");
    this.#findBody = db.prepare<[Uint8Array], number>("SELECT id FROM body WHERE hash = ?").pluck();
    this.#body = db.prepare("INSERT INTO body (hash, codec, plain_bytes, bytes) VALUES (?, ?, ?, ?)");
  }

  /** In one transaction: all of them or none. */
  write(rows: readonly RunRow[], steps: Block | undefined, sames: Block | undefined): void {
    this.#listBytes = new Map();
    this.#db.transaction(() => {
      if (steps !== undefined) this.#steps.run(...blockColumns(steps));
      if (sames !== undefined) this.#sames.run(...blockColumns(sames));
      for (const row of rows) this.#write(row);
    })();
  }

  #write({ table, columns }: RunRow): void {
    switch (table) {
      case "outcome":
        this.#writeOutcome(columns);
        return;
      case "request":
        this.#writeRequest(columns);
        return;
      case "difference":
        this.#difference.run(columns);
        return;
      case "paired_hops":
        this.#pairedHops.run(columns);
    }
  }

  #writeOutcome({ plain, body, headers, trailers }: OutcomeColumns): void {
    const bodyId = body === undefined ? null : this.#storeBody(body);
    this.#outcome.run(plain, bodyId, this.#bytesOf(headers), this.#bytesOf(trailers));
  }

  #writeRequest({ plain, body, headers }: RequestColumns): void {
    const bodyId = body === undefined ? null : this.#storeBody(body);
    this.#request.run(plain, bodyId, this.#bytesOf(headers));
  }

  #bytesOf(list: readonly string[] | undefined): Uint8Array | null {
    if (list === undefined) return null;
    let bytes = this.#listBytes.get(list);
    if (bytes === undefined) {
      bytes = headerBytes(list);
      this.#listBytes.set(list, bytes);
    }
    return bytes;
  }

  /** Equal bytes are stored once. The hash is over redacted bytes that stand beside it, so it needs no key. */
  #storeBody(plainBytes: Uint8Array): number {
    const bodyHash = hash("sha256", plainBytes, "buffer").subarray(0, 16);
    const found = this.#findBody.get(bodyHash);
    if (found !== undefined) return found;
    const { codec, bytes } = encodeBody(plainBytes);
    return Number(this.#body.run(bodyHash, codec, plainBytes.length, bytes).lastInsertRowid);
  }
}

function blockColumns({ first, last, texts, numbers }: Block): [number, number, string, Uint8Array] {
  return [first, last, texts, new Uint8Array(numbers)];
}
