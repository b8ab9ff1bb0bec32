import { OperatorError, reasonOf } from "../../../base/index.js";

/** A secret, and until when it is good: epoch milliseconds, absent for ever. */
export interface Lease {
  value: string;
  expiresMs?: number;
}

/** A secret that is fetched again before it expires. */
export interface RefreshedSecret {
  /** The one that is good now. Throws an OperatorError when the last one has expired and none came after it. */
  current(): string;
  close(): void;
}

/** Part of a lease after which the next is fetched. */
const refreshAt = 0.8;
const leastWaitMs = 250;
/** More than this `setTimeout` does not take. */
const mostWaitMs = 2 ** 31 - 1;

/** Fetches the first one; rejects as `fetch` does. `what` is how it is called in errors, never the secret. */
export async function openRefreshedSecret(what: string, fetch: () => Promise<Lease>): Promise<RefreshedSecret> {
  let lease = await fetch();
  let timer: NodeJS.Timeout | undefined;
  let trouble: unknown;
  let isClosed = false;

  const wait = (ms: number) => {
    timer = setTimeout(refresh, Math.min(Math.max(ms, leastWaitMs), mostWaitMs));
    timer.unref();
  };
  const leftMs = () => (lease.expiresMs ?? Number.POSITIVE_INFINITY) - Date.now();
  const refresh = async () => {
    try {
      lease = await fetch();
      trouble = undefined;
    } catch (thrown) {
      trouble = thrown;
    }
    if (isClosed || lease.expiresMs === undefined) return;
    wait(trouble === undefined ? leftMs() * refreshAt : leftMs() / 4);
  };
  if (lease.expiresMs !== undefined) wait(leftMs() * refreshAt);

  return {
    current() {
      if (leftMs() > 0) return lease.value;
      const because = trouble === undefined ? "" : `: ${reasonOf(trouble)}`;
      throw new OperatorError(`${what} has expired and could not be fetched again${because}`, { exitCode: 3 });
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** When a JSON Web Token says that it expires (RFC 7519, section 4.1.4). */
export function expiryOfJwt(value: string): number | undefined {
  const payload = /^(?:[A-Za-z]+ )?eyJ[\w-]+\.([\w-]+)\.[\w-]*$/.exec(value)?.[1];
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
