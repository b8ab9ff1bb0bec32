import type { ClusterObject } from "../../cluster/object.js";
import type { Check } from "../check.js";
import { type Finding, placeInWords, placeOf } from "../finding.js";
import { mirrorsOf, routesOf, type WrittenMirror } from "../routes.js";
import { type Seen, whyUnknown } from "../seen.js";
import { podsBehind, portsOf, type Target, targetOf } from "../services.js";
import { unknownFinding } from "../unknown.js";

/** TL0301, TL0302, TL0303: copies that go nowhere; the call they are of does not notice. */
export const mirrorsToNowhere: Check = {
  name: "mirrors to nowhere",
  needs: ["VirtualService"],
  look: (seen) =>
    routesOf(seen).flatMap(({ object, ...placed }) =>
      mirrorsOf({ object, ...placed }).flatMap((mirror) => nowhereFindings(object, mirror, seen)),
    ),
};

/** Of one mirror of any object. */
export function nowhereFindings(object: ClusterObject, mirror: WrittenMirror, seen: Seen): Finding[] {
  const { destination, path } = mirror;
  const place = placeOf(object, path);
  const target = targetOf(destination.host, seen, object.metadata.namespace);
  if (target.kind === "entry") return [];
  if (target.kind === "unknown") {
    return seen.filesAlone ? [] : [unknownFinding(`the mirror at ${placeInWords(place)}`, place, target.why)];
  }
  if (target.kind === "nothing") {
    const fix = target.meant === undefined ? "name the recorder's Service" : `write its full name: ${target.meant}`;
    return [
      {
        ...{ id: "TL0301", severity: "error", place },
        seen: `there is no Service ${destination.host}: every copy is lost`,
        fix,
      },
    ];
  }
  return [...portFindings(place, mirror, target), ...podFindings(place, target, seen)];
}

type There = Extract<Target, { kind: "service" }>;

function portFindings(place: Finding["place"], { destination }: WrittenMirror, { service, name }: There): Finding[] {
  const ports = portsOf(service).map(({ port }) => port);
  const asked = destination.port?.number;
  if (asked === undefined ? ports.length === 1 : ports.includes(asked)) return [];
  const seenThere =
    asked === undefined
      ? `Service ${name.name} has ${ports.length} ports, and the mirror names none`
      : `Service ${name.name} has no port ${asked}`;
  const fix = `name one of its ports: ${ports.join(", ")}`;
  return [{ ...{ id: "TL0303", severity: "error", place }, seen: `${seenThere}: every copy is lost`, fix }];
}

function podFindings(place: Finding["place"], { service, name }: There, seen: Seen): Finding[] {
  const why = whyUnknown(seen, "Pod", name.namespace);
  if (why !== undefined) {
    const check = `whether a pod takes the copies that go to ${name.name}.${name.namespace}`;
    return seen.filesAlone ? [] : [unknownFinding(check, place, why)];
  }
  const pods = podsBehind(service, seen);
  if (pods === undefined || pods.some(({ object }) => isReady(object))) return [];
  return [
    {
      ...{ id: "TL0302", severity: "error", place },
      seen: `no pod of Service ${name.name} in namespace ${name.namespace} is ready: every copy is lost`,
      fix: `look at its pods: kubectl get pods -n ${name.namespace}`,
    },
  ];
}

function isReady({ status }: ClusterObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
}

/** TL0304, TL0305: the share of a mirror is drawn anew for each call, and at each hop. */
export const mirrorsOfAShare: Check = {
  name: "mirrors of a share",
  needs: ["VirtualService"],
  look: (seen) =>
    routesOf(seen).flatMap((placed) => mirrorsOf(placed).flatMap((mirror) => shareFindings(placed.object, mirror))),
};

/** Of one mirror of any object. */
export function shareFindings(object: ClusterObject, { percent, path }: WrittenMirror): Finding[] {
  if (percent >= 100) return [];
  const place = placeOf(object, path);
  if (percent === 0) {
    const fix = "give it a percentage of 100, or take it away";
    return [{ ...{ id: "TL0305", severity: "error", place }, seen: "it copies 0 % of the requests", fix }];
  }
  return [
    {
      ...{ id: "TL0304", severity: "warning", place },
      seen: `it copies a random ${percent} % of the requests, drawn anew for each call and at each hop: traces and sessions are torn`,
      fix: "copy all of some traces instead: tapeloop mirror on --sample, or a match on x-request-id with the mirror at 100",
    },
  ];
}
