import type { Descriptors } from "../protobuf/descriptors.js";
import { InferredTypes } from "../protobuf/inferred.js";

/** What is known of the messages of one gRPC method. */
export interface GrpcSchemas {
  /** Looks at messages before they are compared: types are inferred over all of them. */
  observe(messages: readonly Uint8Array[]): void;
  /** A message as JSON text; undefined when it cannot be read. */
  toJson(message: Uint8Array): string | undefined;
}

/** The schemas of a run's methods: by descriptors where there are some, else inferred over all messages seen. */
export class SchemaBook {
  readonly #descriptors: Descriptors | undefined;
  readonly #inferred = new InferredTypes();
  readonly #inferredMethods = new Set<string>();

  constructor(descriptors?: Descriptors) {
    this.#descriptors = descriptors;
  }

  /** @param path of the call: `/shop.Reviews/List` */
  for(path: string): GrpcSchemas {
    const descriptors = this.#descriptors?.knows(path) ? this.#descriptors : undefined;
    const inferred = this.#inferred;
    return {
      observe: (messages) => {
        if (descriptors !== undefined) return;
        if (this.#inferredMethods.size < 10_000) this.#inferredMethods.add(path);
        for (const message of messages) inferred.observe(path, message);
      },
      toJson: (message) => descriptors?.toJson(path, message) ?? inferred.toJson(path, message),
    };
  }

  /** Said once: how far the comparison of gRPC bodies can be trusted. */
  warnings(): string[] {
    const count = this.#inferredMethods.size;
    if (count === 0) return [];
    const [first] = this.#inferredMethods;
    const methods = count === 1 ? `gRPC method ${first} was` : `${count} gRPC methods (${first}, …) were`;
    return [
      `${methods} compared by types inferred from the messages seen; give --descriptors FILE or --grpc-reflection for names and defaults`,
    ];
  }
}
