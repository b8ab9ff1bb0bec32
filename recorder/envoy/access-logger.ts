import { envoyTypes, grpcServiceOf, type RecorderTarget } from "./types.js";

/** An entry of `access_log` of the connection manager whose routes mirror to the recorder. */
export function accessLogger(recorder: RecorderTarget): object {
  return {
    name: "tapeloop",
    typed_config: {
      "@type": envoyTypes.accessLog,
      common_config: {
        log_name: "tapeloop",
        transport_api_version: "V3",
        buffer_flush_interval: "0.2s",
        grpc_service: grpcServiceOf(recorder),
      },
    },
  };
}
