import type { Database, Statement } from "better-sqlite3";
import { keyedHash, type RedactedBody, type RedactionKey } from "../redaction/index.js";
import { encodeBody } from "./body-codec.js";

/** Where a body went: its row, if it has one, and its wire hash where the row's hash does not say it. */
export interface StoredBody {
  id: number | null;
  wireHash: Uint8Array | null;
  /** The row is new by this call, so nothing else points to it. */
  fresh: boolean;
}

const noBody: StoredBody = { id: null, wireHash: null, fresh: false };

/** Bodies of a segment being written: equal ones are stored once. */
export class BodyTable {
  readonly #key: RedactionKey;
  readonly #find: Statement<[Uint8Array], number>;
  readonly #insert: Statement<[Uint8Array | null, number, number, Uint8Array]>;
  readonly #remove: Statement<[number]>;
  readonly #removeUnshared: Statement<[number]>;

  constructor(db: Database, key: RedactionKey) {
    this.#key = key;
    this.#find = db.prepare<[Uint8Array], number>("SELECT id FROM body WHERE hash = ?").pluck();
    this.#insert = db.prepare("INSERT INTO body (hash, codec, plain_bytes, bytes) VALUES (?, ?, ?, ?)");
    this.#remove = db.prepare("DELETE FROM body WHERE id = ?");
    this.#removeUnshared = db.prepare("DELETE FROM body WHERE id = ? AND hash IS NULL");
  }

  /**
   * Stores the kept bytes of a body. `shared: false` is for one that is still coming: its row gets no hash, is given to
   * no other Exchange, and can go when the whole of it has come. `asItCame`: the bytes are those its wire hash is over.
   */
  store(body: RedactedBody, { shared, asItCame }: { shared: boolean; asItCame: boolean }): StoredBody {
    if (body.kind === "empty") return noBody;
    const wireHash = body.hash;
    if (body.kind === "unredactable" || body.bytes.length === 0) return { id: null, wireHash, fresh: false };
    if (!shared) return { id: this.#add(null, body.bytes), wireHash, fresh: true };
    const hash = asItCame ? wireHash : keyedHash(this.#key, [body.bytes]);
    const kept = asItCame ? null : wireHash;
    const id = this.#find.get(hash);
    if (id !== undefined) return { id, wireHash: kept, fresh: false };
    return { id: this.#add(hash, body.bytes), wireHash: kept, fresh: true };
  }

  /** Takes back what `store` gave, where it was new. */
  takeBack(stored: StoredBody): void {
    if (stored.fresh && stored.id !== null) this.#remove.run(stored.id);
  }

  /** Removes the row of a body that was still coming. Shared rows stay. */
  releaseUnshared(id: number | null): void {
    if (id !== null) this.#removeUnshared.run(id);
  }

  #add(hash: Uint8Array | null, plainBytes: Uint8Array): number {
    const { codec, bytes } = encodeBody(plainBytes);
    return Number(this.#insert.run(hash, codec, plainBytes.length, bytes).lastInsertRowid);
  }
}
