/** RFC 9110, section 9.2.2. Methods that we do not know may do anything. */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** A request of such a method may be sent twice, when it is not known whether the first reached the service. */
export function isIdempotent(method: string): boolean {
  return idempotent.has(method);
}
