import { faultsOf } from "./faults/index.js";
import type { VirtualService } from "./schema.js";

/** The faults of a VirtualService in words: "catalog: delays a call by 100 ms, 20% of them". */
export function explainFaults({ spec }: VirtualService): string[] {
  return spec.http.flatMap((route) =>
    faultsOf(route.fault).map(
      (fault) => `${spec.hosts.join(", ")}: ${fault.explanation}, ${fault.sharePercent ?? 0}% of them`,
    ),
  );
}
