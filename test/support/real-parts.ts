import type { TestContext } from "node:test";

/**
 * A test that needs a part this machine may lack (Envoy, a browser, a cluster) calls this first. Without the part it is
 * skipped with the reason printed; with TAPELOOP_REQUIRE_ALL=1 it fails instead.
 */
export function needs(t: TestContext, part: string, found: boolean, howToGetIt: string): boolean {
  if (found) return true;
  const reason = `${part} is not here (${howToGetIt})`;
  if (process.env.TAPELOOP_REQUIRE_ALL === "1") throw new Error(`TAPELOOP_REQUIRE_ALL is set and ${reason}`);
  t.skip(reason);
  return false;
}
