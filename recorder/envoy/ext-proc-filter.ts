import { closesAfterField, hopField } from "../ext-proc/ext-proc-door.js";
import { envoyTypes, grpcServiceOf, type RecorderTarget } from "./types.js";

/** How long after a call Envoy closes its stream: each open stream counts against the breaker of the recorder's cluster. */
const closesAfterMs = 2000;

/** What Envoy says with the headers of a request. Never `xds.node`: it lists every extension, kilobytes for each call. */
const requestAttributes = [
  "request.protocol",
  "source.address",
  "destination.address",
  "connection.id",
  "connection.uri_san_peer_certificate",
];

/** What it says with those of the answer. */
const responseAttributes = [
  "response.code_details",
  "response.flags",
  "upstream.address",
  "upstream.request_attempt_count",
  "xds.route_name",
];

/**
 * The external processor filter as a recorder needs it, to stand right before the router. It only tells
 * (`observability_mode`): no call waits for the recorder, and none fails when the recorder is away (`failure_mode_allow`).
 * `message_timeout` bounds what would be waited were that mode ever switched off.
 */
export function extProcFilter(recorder: RecorderTarget): object {
  return {
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      "@type": envoyTypes.extProc,
      grpc_service: {
        ...grpcServiceOf(recorder),
        initial_metadata: [
          { key: closesAfterField, value: String(closesAfterMs) },
          ...(recorder.hop === undefined ? [] : [{ key: hopField, value: recorder.hop }]),
        ],
      },
      observability_mode: true,
      failure_mode_allow: true,
      deferred_close_timeout: `${closesAfterMs / 1000}s`,
      message_timeout: "0.2s",
      request_attributes: requestAttributes,
      response_attributes: responseAttributes,
      processing_mode: {
        request_header_mode: "SEND",
        response_header_mode: "SEND",
        request_body_mode: "STREAMED",
        response_body_mode: "STREAMED",
        request_trailer_mode: "SEND",
        response_trailer_mode: "SEND",
      },
    },
  };
}
