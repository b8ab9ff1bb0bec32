import { parseVirtualServices, type VirtualService } from "../../virtual-service/index.js";

/** A VirtualService for host `reviews` with these http routes, each given as YAML flow or JSON text. */
export function virtualServiceText(...routes: readonly object[]): string {
  return JSON.stringify({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "reviews" },
    spec: { hosts: ["reviews"], http: routes },
  });
}

/** The same, read. */
export function virtualServicesOf(...routes: readonly object[]): VirtualService[] {
  return parseVirtualServices(virtualServiceText(...routes), "test.yaml");
}

export const toReviews = [{ destination: { host: "reviews" } }];
