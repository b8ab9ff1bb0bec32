import { hash } from "node:crypto";
import type { Database, Statement } from "better-sqlite3";
import { encodeBody } from "../sqlite/body-codec.js";
import { headerBytes } from "../sqlite/header-bytes.js";
import type { OutcomeColumns, RunRow } from "./run-message.js";

/** Writes the rows of a run file. */
export class RunRows {
  readonly #db: Database;
  readonly #step: Statement<unknown[]>;
  readonly #outcome: Statement<unknown[]>;
  readonly #difference: Statement<unknown[]>;
  readonly #findBody: Statement<[Uint8Array], number>;
  readonly #body: Statement<[Uint8Array, number, number, Uint8Array]>;
  /** Of the lists of one message, where equal ones are one object. */
  #listBytes = new Map<readonly string[], Uint8Array>();

  constructor(db: Database) {
    this.#db = db;
    this.#step = db.prepare("INSERT OR REPLACE INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#outcome = db.prepare("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#difference = db.prepare("INSERT INTO difference VALUES (?, ?, ?)");
    this.#findBody = db.prepare<[Uint8Array], number>("SELECT id FROM body WHERE hash = ?").pluck();
    this.#body = db.prepare("INSERT INTO body (hash, codec, plain_bytes, bytes) VALUES (?, ?, ?, ?)");
  }

  /** In one transaction: all of them or none. */
  write(rows: readonly RunRow[]): void {
    this.#listBytes = new Map();
    this.#db.transaction(() => {
      for (const row of rows) this.#write(row);
    })();
  }

  #write({ table, columns }: RunRow): void {
    switch (table) {
      case "step":
        this.#step.run(columns);
        return;
      case "outcome":
        this.#writeOutcome(columns);
        return;
      case "difference":
        this.#difference.run(columns);
    }
  }

  #writeOutcome({ plain, body, headers, trailers }: OutcomeColumns): void {
    const bodyId = body === undefined ? null : this.#storeBody(body);
    this.#outcome.run(plain, bodyId, this.#bytesOf(headers), this.#bytesOf(trailers));
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
