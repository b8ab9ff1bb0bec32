import * as grpc from "@grpc/grpc-js";

/** What grpc-js gets of `/zoo.Echo/…` (zoo-service.ts): unary calls of several sizes, a stream, a failure. */
export async function grpcJsCalls(address: string): Promise<unknown[]> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  try {
    const seen: unknown[] = [];
    for (const bytes of [0, 5, 100_000]) seen.push(await unary(client, "/zoo.Echo/Unary", Buffer.alloc(bytes, "m")));
    seen.push(await stream(client, "/zoo.Echo/Stream"), await unary(client, "/zoo.Echo/Fail", Buffer.from("x")));
    return seen;
  } finally {
    client.close();
  }
}

const asIs = (message: Buffer): Buffer => message;

function metadata(): grpc.Metadata {
  const fields = new grpc.Metadata();
  fields.set("x-text", "plain");
  fields.set("x-bytes-bin", Buffer.from([0, 255, 128]));
  return fields;
}

function unary(client: grpc.Client, path: string, message: Buffer): Promise<unknown> {
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      message,
      metadata(),
      { deadline: soon() },
      (failure, answer) => {
        const { code = 0, details = "" } = failure ?? {};
        call.once("status", ({ metadata: trailers }) => {
          resolve({ path, code, details, bytes: answer?.length, trailers: trailers.toJSON() });
        });
      },
    );
  });
}

function stream(client: grpc.Client, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const messages: string[] = [];
    const call = client.makeServerStreamRequest(path, asIs, asIs, Buffer.from("go"), metadata(), { deadline: soon() });
    call.on("data", (message: Buffer) => messages.push(message.toString()));
    call.on("error", reject);
    call.on("status", ({ code, metadata: trailers }) => resolve({ path, code, messages, trailers: trailers.toJSON() }));
  });
}

function soon(): Date {
  return new Date(Date.now() + 30_000);
}
