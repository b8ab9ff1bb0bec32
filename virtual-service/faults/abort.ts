import { z } from "zod";
import { percent } from "../percent.js";
import { parseGrpcStatus } from "./grpc-status.js";
import type { FaultKind } from "./kind.js";

const schema = z
  .strictObject({
    httpStatus: z.int().min(200).max(599).optional(),
    grpcStatus: z
      .string()
      .refine((text) => parseGrpcStatus(text) !== undefined, "is no gRPC status, such as UNAVAILABLE or 14")
      .optional(),
    percentage: percent.optional(),
  })
  .refine((abort) => (abort.httpStatus === undefined) !== (abort.grpcStatus === undefined), {
    message: "must have either httpStatus or grpcStatus",
  });

export const abort: FaultKind<z.infer<typeof schema>> = {
  name: "abort",
  schema,
  example: "503 or grpc:UNAVAILABLE",
  typed: (text) => {
    const written = text.startsWith("grpc:") ? { grpcStatus: text.slice(5) } : { httpStatus: Number(text) };
    return schema.safeParse(written).data;
  },
  explain: (fault) =>
    fault.grpcStatus === undefined
      ? `answers a call with ${fault.httpStatus} itself`
      : `answers a call with gRPC status ${fault.grpcStatus} itself`,
  effect: (fault) => ({
    abort:
      fault.grpcStatus === undefined
        ? { kind: "http", status: fault.httpStatus! }
        : { kind: "grpc", code: parseGrpcStatus(fault.grpcStatus)! },
  }),
};
