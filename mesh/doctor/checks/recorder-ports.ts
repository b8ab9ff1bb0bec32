import type { ClusterObject } from "../../cluster/object.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { mirrorsOf, routesOf } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";
import { portsOf, protocolOf, type ServicePort, targetOf } from "../services.js";

/** How a recorder's Service is labelled: by hand, and by the chart. */
const recorderLabels = { "app.kubernetes.io/name": "tapeloop-recorder", "app.kubernetes.io/part-of": "tapeloop" };

/**
 * TL0401: a port of a recorder whose name says no protocol that Istio knows. It guesses from the first bytes then, and sends
 * copies over HTTP/1.1 connections of their own; one that is said to be TCP gets none at all.
 */
export const recorderPorts: Check = {
  name: "names of recorders' ports",
  needs: ["VirtualService"],
  look: (seen) => {
    const fromLabels = objectsOf(seen, "Service")
      .filter(({ metadata: { labels = {} } }) =>
        Object.entries(recorderLabels).some(([label, value]) => labels[label] === value),
      )
      .flatMap((service) => portsOf(service).map((port) => ({ service, port })));
    const all = [...portsOfMirrors(seen), ...fromLabels];
    const once = all.filter(
      ({ service, port }, at) => all.findIndex((one) => one.service === service && one.port === port) === at,
    );
    return once.flatMap(({ service, port }) => findingFor(service, port));
  },
};

function portsOfMirrors(seen: Seen): { service: ClusterObject; port: ServicePort }[] {
  return routesOf(seen)
    .flatMap(mirrorsOf)
    .flatMap(({ destination }) => {
      const target = targetOf(destination.host, seen);
      if (target.kind !== "service") return [];
      const asked = destination.port?.number;
      return portsOf(target.service)
        .filter(({ port }) => asked === undefined || port === asked)
        .map((port) => ({ service: target.service, port }));
    });
}

function findingFor(service: ClusterObject, port: ServicePort): Finding[] {
  const protocol = protocolOf(port);
  if (protocol === "http") return [];
  const path = `spec.ports[${portsOf(service).indexOf(port)}]`;
  const said = port.appProtocol ?? port.name;
  const what =
    protocol === "other"
      ? `port ${port.port} is ${said} to Istio: no HTTP copy arrives there`
      : `${said === undefined ? `port ${port.port} has no name` : `the name of port ${port.port}, ${said},`} ${said === undefined ? "that says" : "says no"} protocol: Istio has to guess it from the first bytes`;
  return [
    {
      ...{ id: "TL0401", severity: protocol === "other" ? "error" : "warning", place: placeOf(service, path) },
      seen: what.replace("no name that says protocol", "no name, which would say its protocol"),
      fix: "begin its name with http2, such as http2-mirror (grpc for ext_proc)",
    },
  ];
}
