import { specOf } from "../../routes/virtual-service.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { isForMesh } from "../routes.js";
import { objectsOf } from "../seen.js";
import { targetOf } from "../services.js";

/** TL0105: calls to another name than a VirtualService's host never meet it; gateways' hosts are of the world outside. */
export const hostsNobodyServes: Check = {
  name: "hosts that nobody serves",
  needs: ["VirtualService", "Service"],
  look: (seen) =>
    objectsOf(seen, "VirtualService")
      .filter(isForMesh)
      .flatMap((object) =>
        (specOf(object).hosts ?? []).flatMap((host, at): Finding[] => {
          const target = host.includes("*") ? undefined : targetOf(host, seen);
          if (target?.kind !== "nothing") return [];
          const isOutside = host.includes(".") && target.meant === undefined && !host.endsWith(".svc.cluster.local");
          return [
            {
              ...{ id: "TL0105", severity: isOutside ? "warning" : "error" },
              place: placeOf(object, `spec.hosts[${at}]`),
              seen: `nobody serves ${host}: ${isOutside ? "no ServiceEntry of this namespace has it" : "there is no such Service"}, so no call meets these routes`,
              fix:
                target.meant === undefined
                  ? "name the Service that is called"
                  : `Istio takes a name with a dot as it is: write ${target.meant}`,
            },
          ];
        }),
      ),
};
