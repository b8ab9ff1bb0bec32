import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";

/** What a reflection server is asked. `*` asks for all services; a symbol is a full name, `shop.Orders`. */
export type Question = { listServices: "*" } | { fileContainingSymbol: string } | { fileByFilename: string };

/** What it answers to one question. */
export type Reply =
  | { kind: "services"; names: string[] }
  /** Each a FileDescriptorProto: the one asked for, and what it imports or not, as the server likes. */
  | { kind: "files"; files: Uint8Array[] }
  /** It does not know it, or answers nothing of use. */
  | { kind: "none" };

/** Those fields of the protocol that are read and written here. v1 and v1alpha have the same messages. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Question { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; }
  message Files { repeated bytes content = 1; }
  message Service { string name = 1; }
  message Services { repeated Service service = 1; }
  message Reply { Files files = 4; Services services = 6; }
`);
const question = root.lookupType("Question");
const reply = root.lookupType("Reply");

export function encodeQuestion(asked: Question): Uint8Array {
  return question.encode(asked).finish();
}

/** Throws when the bytes are no message of the protocol. */
export function decodeReply(bytes: Uint8Array): Reply {
  const { files, services } = reply.decode(bytes) as {
    files?: { content: Uint8Array[] } | null;
    services?: { service: { name: string }[] } | null;
  };
  if (files) return { kind: "files", files: files.content };
  if (services) return { kind: "services", names: services.service.map(({ name }) => name) };
  return { kind: "none" };
}

/** What a FileDescriptorProto says of itself: its name, and the names of the files it imports. Throws for other bytes. */
export function readFileHead(file: Uint8Array): { name: string; imports: string[] } {
  const { name, dependency } = descriptor.FileDescriptorProto.decode(file) as unknown as {
    name: string;
    dependency: string[];
  };
  return { name, imports: dependency };
}

/** The files as a FileDescriptorSet, their bytes untouched. */
export function fileDescriptorSet(files: Iterable<Uint8Array>): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const file of files) writer.uint32(fileField).bytes(file);
  return writer.finish();
}

/** `repeated FileDescriptorProto file = 1`: field 1, of length-delimited bytes. */
const fileField = (1 << 3) | 2;
