/** Names of Envoy's configuration messages. */
const api = "type.googleapis.com/envoy.extensions";

export const envoyTypes = {
  accessLog: `${api}.access_loggers.grpc.v3.HttpGrpcAccessLogConfig`,
  connectionManager: `${api}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  extProc: `${api}.filters.http.ext_proc.v3.ExternalProcessor`,
  httpProtocolOptions: `${api}.upstreams.http.v3.HttpProtocolOptions`,
} as const;

/** Where Envoy reaches the recorder: the name of a cluster, and the authority to say to it. */
export interface RecorderTarget {
  cluster: string;
  authority: string;
  /** What the recorder is to call the proxy that tells. */
  hop?: string;
}

/** Without an authority Envoy sends the cluster's name, which with Istio holds `|`: Node's HTTP/2 refuses that. */
export function grpcServiceOf({ cluster, authority }: RecorderTarget): object {
  return { envoy_grpc: { cluster_name: cluster, authority } };
}
