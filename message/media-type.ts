import { firstValue, type HeaderList } from "./header-list.js";

/** A media type as `Content-Type` states it (RFC 9110, section 8.3.1). */
export interface MediaType {
  /** `type/subtype` in lower case, without parameters. */
  essence: string;
  /** By lower-case name; quotes removed. The first of repeats. */
  parameters: ReadonlyMap<string, string>;
}

/** The media type of a message, or undefined when none is stated or it cannot be read. */
export function mediaType(headers: HeaderList): MediaType | undefined {
  const value = firstValue(headers, "content-type");
  return value === undefined ? undefined : parseMediaType(value);
}

const essenceForm = /^\s*([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)\s*/;
const parameterForm = /;\s*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;

/** Parses the value of a `Content-Type` field; undefined when it does not begin with `type/subtype`. */
export function parseMediaType(value: string): MediaType | undefined {
  const essence = essenceForm.exec(value);
  if (essence === null) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, quoted, plain] of value.slice(essence[0].length).matchAll(parameterForm)) {
    const lowerName = name!.toLowerCase();
    if (!parameters.has(lowerName)) parameters.set(lowerName, quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return { essence: essence[1]!.toLowerCase(), parameters };
}

/** The value of a `Content-Type` field without one of its parameters, else as it was written. */
export function withoutParameter(value: string, lowerName: string): string {
  return value.replace(parameterForm, (written: string, name: string) =>
    name.toLowerCase() === lowerName ? "" : written,
  );
}

/** `application/json`, `text/json` and everything that ends with `+json` (RFC 6839, section 3.1). */
export function isJsonType(essence: string): boolean {
  return essence === "application/json" || essence === "text/json" || essence.endsWith("+json");
}

/** gRPC, with any message coding (`application/grpc`, `application/grpc+proto`); not gRPC-Web, which frames otherwise. */
export function isGrpcType(essence: string): boolean {
  return essence === "application/grpc" || essence.startsWith("application/grpc+");
}
