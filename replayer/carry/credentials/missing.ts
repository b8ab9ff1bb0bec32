import { OperatorError } from "../../../base/index.js";
import type { Exchange } from "../../../tape/index.js";
import type { Unproduced } from "../links/learn.js";

/** The redacted values that nobody gives, counted by place. */
export interface MissingCredentials {
  add(exchange: Exchange, unmet: readonly Unproduced[]): void;
  /** Throws an OperatorError that names the places, how many calls need each, and what to write; nothing when none is missing. */
  refuse(): void;
}

/** How many places are named. */
const mostNamed = 5;

export function missingCredentials(routeOf: (method: string, path: string) => string): MissingCredentials {
  const places = new Map<string, { calls: number; route: string; callee: string; isReadable: boolean }>();
  return {
    add(exchange, unmet) {
      for (const { place, value } of unmet) {
        const known = places.get(place);
        if (known !== undefined) known.calls++;
        else {
          const route = routeOf(exchange.request.method, exchange.request.path);
          places.set(place, { calls: 1, route, callee: exchange.callee, isReadable: value !== undefined });
        }
      }
    },
    refuse() {
      if (places.size === 0) return;
      const worst = [...places].sort(([, a], [, b]) => b.calls - a.calls);
      const named = worst
        .slice(0, mostNamed)
        .map(
          ([place, { calls, route, callee }]) =>
            `${place} in ${calls} call${calls === 1 ? "" : "s"} (${callee}, such as ${route})`,
        );
      const others = worst.length > mostNamed ? `, and ${worst.length - mostNamed} more places` : "";
      throw new OperatorError(
        `refused to send pseudonyms: no recorded answer gave the live value of ${named.join(", ")}${others}; ${wayOut(worst[0]!)}`,
      );
    },
  };
}

function wayOut([place, { isReadable }]: readonly [string, { isReadable: boolean }]): string {
  const leaveOut = "or leave these calls out with --skip-redacted";
  const [kind, name] = place.split(":", 2);
  if (kind === "header") {
    return `give it with --credential '${place}=env:NAME' or --header '${name}: …', ${leaveOut}`;
  }
  if (kind === "cookie") return `give it with --credential '${place}=env:NAME' or --header 'cookie: …', ${leaveOut}`;
  if (!isReadable) return "no provider can put a value there: leave these calls out with --skip-redacted";
  return `give it with --credential '${place}=env:NAME', or a made-up value with --credential '${place}=stand-in', ${leaveOut}`;
}
