import { z } from "zod";
import { faultShape } from "./faults/index.js";
import { percent } from "./percent.js";
import { stringMatch } from "./string-match.js";

const name = z.string().min(1);

const destination = z.strictObject({
  host: name,
  subset: name.optional(),
  port: z.strictObject({ number: z.int().min(1).max(65_535) }).optional(),
});
export type Destination = z.infer<typeof destination>;

// Istio ignores header matches under these names: they would look like a match and never be one.
const pseudoHeaders = ["uri", "scheme", "method", "authority"];

const headerMatches = z.record(
  z
    .string()
    .refine((key) => key === key.toLowerCase(), "header names in a match are lower case")
    .refine((key) => !pseudoHeaders.includes(key), "is no header: it is matched by a field of its own"),
  // An empty match asks for presence.
  z.union([z.strictObject({}), stringMatch]),
);

const match = z.strictObject({
  name: z.string().optional(),
  uri: stringMatch.optional(),
  method: stringMatch.optional(),
  headers: headerMatches.optional(),
  withoutHeaders: headerMatches.optional(),
});
export type Match = z.infer<typeof match>;

const httpRoute = z
  .strictObject({
    name: z.string().optional(),
    match: z.array(match).min(1).optional(),
    route: z.array(z.strictObject({ destination, weight: z.int().min(0).optional() })).min(1),
    fault: z.strictObject(faultShape).optional(),
    mirror: destination.optional(),
    mirrorPercentage: percent.optional(),
    mirrors: z.array(z.strictObject({ destination, percentage: percent.optional() })).optional(),
  })
  .refine((route) => !(route.mirror && route.mirrors), { path: ["mirrors"], message: "cannot stand beside mirror" })
  .refine((route) => route.mirror || !route.mirrorPercentage, {
    path: ["mirrorPercentage"],
    message: "needs a mirror (each of mirrors has a percentage of its own)",
  })
  .refine((route) => route.route.length === 1 || route.route.some((share) => (share.weight ?? 0) > 0), {
    path: ["route"],
    message: "several destinations need weights that are above 0 in all",
  });
export type HttpRoute = z.infer<typeof httpRoute>;

/**
 * The subset of VirtualService that the lab obeys, as written in YAML: what is not here is refused by its name. Meaning
 * and defaults are Istio's (`networking/v1/virtual_service.proto`). Labels and annotations are taken, for they route nothing.
 */
export const virtualServiceSchema = z.strictObject({
  apiVersion: z.enum(["networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3"]),
  kind: z.literal("VirtualService"),
  metadata: z.strictObject({
    name,
    namespace: name.optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.strictObject({
    hosts: z.array(name).min(1),
    http: z.array(httpRoute).min(1),
  }),
});

/** A VirtualService within the subset, as written. */
export type VirtualService = z.infer<typeof virtualServiceSchema>;
