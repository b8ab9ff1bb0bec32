import { OperatorError, reasonOf } from "../../base/index.js";
import type { OfferedSegment } from "../admin/segment-pages.js";

/** Asks a recorder's admin port for its tape. Everything it rejects with is an OperatorError that names the recorder. */
export class AdminClient {
  readonly #address: string;
  readonly #headers: Record<string, string>;
  readonly #signal: AbortSignal | undefined;

  constructor({ address, token, signal }: { address: string; token?: string; signal?: AbortSignal }) {
    this.#address = address;
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#signal = signal;
  }

  async seal(): Promise<void> {
    await (await this.#ask("/tape/seal", { method: "POST" })).text();
  }

  async segments(): Promise<OfferedSegment[]> {
    const answer = await this.#ask("/tape/segments");
    const said = (await answer.json().catch(() => undefined)) as { segments?: unknown } | undefined;
    if (!Array.isArray(said?.segments) || !said.segments.every(isOffer)) this.#refuse("it is no recorder of tapeloop");
    return said.segments;
  }

  /** From byte `from` on; undefined when the recorder has deleted it meanwhile. */
  async bytesOf(id: string, from: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const answer = await this.#ask(
      `/tape/segments/${id}`,
      from > 0 ? { headers: { range: `bytes=${from}-` } } : {},
      [404],
    );
    if (answer.status === 404) {
      await answer.body?.cancel();
      return undefined;
    }
    if (from > 0 && answer.status !== 206) this.#refuse("it does not go on where a copy was interrupted");
    return this.#guarded(answer.body as AsyncIterable<Uint8Array> | null);
  }

  async hashOf(id: string): Promise<string> {
    return (await (await this.#ask(`/tape/segments/${id}/sha256`)).text()).trim();
  }

  async *#guarded(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array> {
    try {
      if (body) yield* body;
    } catch (thrown) {
      this.#refuse(`the copy broke off (${seenIn(thrown)}); the same command goes on where it stopped`, thrown);
    }
  }

  async #ask(path: string, init: RequestInit = {}, alsoRight: readonly number[] = []): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    const url = `http://${this.#address}${path}`;
    const signal = this.#signal ? { signal: this.#signal } : {};
    const answer = await fetch(url, { ...init, ...signal, headers, redirect: "error" }).catch((thrown: unknown) =>
      this.#refuse(seenIn(thrown), thrown),
    );
    if (answer.ok || alsoRight.includes(answer.status)) return answer;
    const said = (await answer.text().catch(() => "")).trim().slice(0, 200);
    this.#refuse(`it answered ${answer.status}${said === "" ? "" : `: ${reasonOf(said)}`}`);
  }

  #refuse(seen: string, cause?: unknown): never {
    throw new OperatorError(`cannot pull from ${this.#address}: ${seen}`, { cause });
  }
}

/** The reason of `fetch` is in its cause. */
function seenIn(thrown: unknown): string {
  const { cause } = thrown as { cause?: unknown };
  return reasonOf(cause ?? thrown);
}

function isOffer(value: unknown): value is OfferedSegment {
  const { id, number, bytes, keyId } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof id === "string" &&
    /^[0-9a-f]{16}$/.test(id) &&
    Number.isSafeInteger(number) &&
    (number as number) > 0 &&
    Number.isSafeInteger(bytes) &&
    typeof keyId === "string"
  );
}
