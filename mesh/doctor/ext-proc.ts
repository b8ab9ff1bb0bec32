import type { ClusterObject } from "../cluster/object.js";
import { objectsOf, type Seen } from "./seen.js";

/** Envoy's external processor filter as an EnvoyFilter writes it, as far as it is read here. */
export interface ExtProcConfig {
  grpc_service?: {
    envoy_grpc?: { cluster_name?: string; authority?: string };
    initial_metadata?: { key?: string }[];
  };
  observability_mode?: boolean;
  failure_mode_allow?: boolean;
  deferred_close_timeout?: string;
  message_timeout?: string;
}

/** A filter that tells a recorder, and where it is written. */
export interface ExtProcFilter {
  object: ClusterObject;
  /** `spec.configPatches[0].patch.value.typed_config`. */
  path: string;
  config: ExtProcConfig;
  /** The Service it tells, from Envoy's name of its cluster (`outbound|50051||recorder.tools.svc.cluster.local`). */
  told?: { host: string; port: number };
}

interface Patch {
  applyTo?: string;
  patch?: { value?: { typed_config?: ExtProcConfig & { "@type"?: string } } };
}

const extProcType = /extensions\.filters\.http\.ext_proc\.v3\.ExternalProcessor$/;

/**
 * The external processor filters of the namespace's EnvoyFilters that are a recorder's: those named `tapeloop-…`, or that send
 * metadata of ours. Other filters may mean to change calls, and are nobody's business here.
 */
export function extProcFilters(seen: Seen): ExtProcFilter[] {
  return objectsOf(seen, "EnvoyFilter").flatMap((object) => {
    const { configPatches = [] } = (object.spec ?? {}) as { configPatches?: Patch[] };
    return configPatches.flatMap(({ patch }, at): ExtProcFilter[] => {
      const config = patch?.value?.typed_config;
      if (config === undefined || !extProcType.test(config["@type"] ?? "") || !isOurs(object, config)) return [];
      const path = `spec.configPatches[${at}].patch.value.typed_config`;
      const told = toldBy(config.grpc_service?.envoy_grpc?.cluster_name ?? "");
      return [{ object, path, config, ...(told === undefined ? {} : { told }) }];
    });
  });
}

function isOurs({ metadata }: ClusterObject, { grpc_service }: ExtProcConfig): boolean {
  if (metadata.name.startsWith("tapeloop") || metadata.labels?.["app.kubernetes.io/managed-by"] === "tapeloop")
    return true;
  return grpc_service?.initial_metadata?.some(({ key }) => key?.startsWith("x-tapeloop-") === true) === true;
}

function toldBy(cluster: string): { host: string; port: number } | undefined {
  const [direction, port, , host] = cluster.split("|");
  return direction === "outbound" && host !== undefined ? { host, port: Number(port) } : undefined;
}
