import { reasonOf } from "../../base/index.js";
import { type Descriptors, descriptorsOf } from "../compare/protobuf/descriptors.js";
import { type AskedTarget, type Asking, cannotAsk, openAsking } from "./asking.js";
import { fileDescriptorSet, type Question, readFileHead } from "./messages.js";

/**
 * The schemas of all services that a target's server reflection lists, with what they import. A service that it lists
 * and cannot describe whole is left out: its methods are then unknown, as with a file of descriptors that lacks them.
 * Throws an OperatorError when nothing can be read.
 */
export async function reflectDescriptors(asked: AskedTarget): Promise<Descriptors> {
  const asking = openAsking(asked);
  try {
    const files = wholeFiles(await readFiles(asking, asked.target));
    if (files.length === 0) throw cannotAsk(asked.target, "its files lack what they import");
    return readableDescriptors(files, asked.target);
  } finally {
    await asking.close();
  }
}

interface ProtoFile {
  bytes: Uint8Array;
  imports: readonly string[];
}

/** Imports are followed so deep; with each round a server must have named something new. */
const mostRounds = 100;
const mostFileBytes = 64 << 20;

/** By name. Some servers send a file with all it imports, others the file alone: what is missing is asked for by name. */
async function readFiles(asking: Asking, target: string): Promise<Map<string, ProtoFile>> {
  const files = new Map<string, ProtoFile>();
  const asked = new Set<string>();
  let bytes = 0;
  let questions: Question[] = await servicesOf(asking, target);
  for (let round = 0; questions.length > 0; round++) {
    for (const file of await filesFor(questions, asking)) {
      const { name, imports } = headOf(file, target);
      if (files.has(name)) continue;
      files.set(name, { bytes: file, imports });
      bytes += file.length;
    }
    if (round === mostRounds || bytes > mostFileBytes)
      throw cannotAsk(target, `its files do not end (${files.size} so far)`);
    questions = missingFrom(files)
      .filter((name) => !asked.has(name))
      .map((name) => ({ fileByFilename: name }));
    for (const name of missingFrom(files)) asked.add(name);
  }
  return files;
}

async function servicesOf(asking: Asking, target: string): Promise<Question[]> {
  const replies = await asking.ask([{ listServices: "*" }]);
  const names = replies.flatMap((reply) => (reply.kind === "services" ? reply.names : []));
  const served = names.filter((name) => !name.startsWith("grpc.reflection."));
  if (served.length === 0) throw cannotAsk(target, "it lists no service");
  return served.map((name) => ({ fileContainingSymbol: name }));
}

async function filesFor(questions: readonly Question[], asking: Asking): Promise<Uint8Array[]> {
  const replies = await asking.ask(questions);
  return replies.flatMap((reply) => (reply.kind === "files" ? reply.files : []));
}

function headOf(file: Uint8Array, target: string): ReturnType<typeof readFileHead> {
  try {
    return readFileHead(file);
  } catch (cause) {
    throw cannotAsk(target, `one of its files cannot be read (${reasonOf(cause)})`, cause);
  }
}

function missingFrom(files: ReadonlyMap<string, ProtoFile>): string[] {
  const imported = new Set([...files.values()].flatMap(({ imports }) => imports));
  return [...imported].filter((name) => !files.has(name));
}

/** Without those that import, by whatever way, what is not there. */
function wholeFiles(read: ReadonlyMap<string, ProtoFile>): Uint8Array[] {
  const files = new Map(read);
  for (let before = -1; before !== files.size; ) {
    before = files.size;
    for (const [name, { imports }] of files) if (imports.some((other) => !files.has(other))) files.delete(name);
  }
  return [...files.values()].map(({ bytes }) => bytes);
}

function readableDescriptors(files: readonly Uint8Array[], target: string): Descriptors {
  try {
    return descriptorsOf(fileDescriptorSet(files));
  } catch (cause) {
    throw cannotAsk(target, `its files cannot be read (${reasonOf(cause)})`, cause);
  }
}
