import { hopNames, type JudgedCase, type TrueChange } from "../case.js";
import { type Field, message } from "../services/fields.js";
import type { GrpcProgram } from "../services/grpc-service.js";

const version = "version" as const;
/** Somewhere in the one message. */
const inMessage = [/^body:\/(\*|0)(\/.*)?$/];

interface GrpcCase {
  name: string;
  family: string;
  depth: number;
  fields: (id: number, version: "old" | "new") => readonly Field[];
  truth: readonly Omit<TrueChange, "hop">[];
}

const kinds = ["changed-value", "changed-bytes", "changed-order", "array-length", "missing-element", "added-element"];
const id = (n: number): Field => [1, 1000 + n];
const title: Field = [2, "A Room of One's Own"];
const tags: readonly Field[] = [
  [4, "essay"],
  [4, "english"],
  [4, "paper"],
];

export const grpcCases: readonly JudgedCase[] = [
  ...atDepths([0, 1, 2], {
    name: "fields-in-other-order",
    family: "gRPC field reorder",
    fields: (n, which) => (which === "old" ? [id(n), title, [3, n % 7], ...tags] : [[3, n % 7], ...tags, title, id(n)]),
    truth: [],
  }),
  ...atDepths([0, 1, 2], {
    name: "repeated-in-other-order",
    family: "gRPC field reorder",
    fields: (n, which) => [id(n), title, ...(which === "old" ? tags : tags.toReversed())],
    truth: [{ places: inMessage, kinds, attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "field-gone",
    family: "removed field",
    fields: (n, which) => [id(n), title, ...(which === "old" ? [[3, 1 + (n % 7)] as const] : []), ...tags],
    truth: [{ places: inMessage, kinds: [...kinds, "missing-field"], attribution: version }],
  }),
  ...atDepths([0], {
    name: "value-other",
    family: "changed value",
    fields: (n, which) => [id(n), title, [3, which === "old" ? 5 : 4]],
    truth: [{ places: inMessage, kinds, attribution: version }],
  }),
  ...atDepths([0], {
    name: "nothing-new",
    family: "gRPC field reorder",
    fields: (n) => [id(n), title, ...tags],
    truth: [],
  }),
];

function atDepths(depths: readonly number[], one: Omit<GrpcCase, "depth">): JudgedCase[] {
  const names = ["Here", "Below", "Deepest"];
  return depths.map((depth) => grpcCase({ ...one, name: `grpc-${one.name}.${names[depth]!}`, depth }));
}

function grpcCase({ name, family, depth, fields, truth }: GrpcCase): JudgedCase {
  const path = `/${name}/Get`;
  const hop = hopNames[depth]!;
  const mesh = (which: "old" | "new") => ({
    ...Object.fromEntries(hopNames.slice(0, depth).map((above) => [above, { grpc: passing(path, above) }])),
    [hop]: { grpc: answering(path, (n) => message(...fields(n, which))) },
  });
  return {
    ...{ name, family, depth, grpc: true },
    old: () => mesh("old"),
    new: () => mesh("new"),
    traffic: Array.from({ length: 30 }, (_, n) => ({ path, grpc: message([1, n]) })),
    truth: truth.map((change) => ({ surfaces: /^body/, ...change, hop })),
  };
}

function answering(path: string, answer: (n: number) => Buffer): GrpcProgram {
  return (asked, request) => (asked === path ? Promise.resolve({ message: answer(request[1]!) }) : undefined);
}

/** Shows what the next service answers as its field 9, a message. */
function passing(path: string, hop: string): GrpcProgram {
  return (asked, request, ask) =>
    asked === path
      ? ask(path, request).then((inner) =>
          inner === undefined ? { status: 14 } : { message: message([1, hop], [9, inner]) },
        )
      : undefined;
}
