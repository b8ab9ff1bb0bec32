import { specOf } from "../../routes/virtual-service.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { hasLiveFault, isForMesh, routesOf } from "../routes.js";
import { portsOf, protocolOf, targetOf } from "../services.js";

/** TL0110: a proxy that takes a port for TCP or TLS sees no requests in it, so no HTTP route and no fault. */
export const faultsWithoutHttp: Check = {
  name: "faults on ports that are not HTTP",
  needs: ["VirtualService", "Service"],
  look: (seen) =>
    routesOf(seen)
      .filter((placed) => isForMesh(placed.object) && hasLiveFault(placed))
      .flatMap((placed) =>
        (specOf(placed.object).hosts ?? []).flatMap((host): Finding[] => {
          const target = targetOf(host, seen);
          if (target.kind !== "service") return [];
          const ports = portsOf(target.service);
          if (ports.length === 0 || ports.some((port) => protocolOf(port) !== "other")) return [];
          const names = ports.map(({ name, port }) => name ?? String(port)).join(", ");
          return [
            {
              ...{ id: "TL0110", severity: "error", place: placeOf(placed.object, `${placed.path}.fault`) },
              seen: `no port of Service ${target.name.name} is HTTP to Istio (${names}), so no request there meets a fault`,
              fix: "name the port http, http2 or grpc (or begin its name so), if it speaks it",
            },
          ];
        }),
      ),
};
