import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import type { ClusterObject } from "../cluster/object.js";
import { holderSchema } from "./holder.js";

const looseObject = z.record(z.string(), z.unknown());

/** One object that a command changes, or makes. */
const changeSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  /** As it was: all that a person may write, and who managed which field. Absent when it was not there. */
  before: z
    .strictObject({
      content: looseObject,
      managedFields: z.array(z.unknown()).optional(),
      /** SHA-256 of the content, to say at a glance whether it was put back. */
      hash: z.string(),
      /** The same of what it was before the first of our changes that were in it then; absent where this is the first. */
      origin: z.string().optional(),
    })
    .optional(),
  /** What of it is as it is to be: the same fields. */
  after: looseObject,
  /** For one that was not there before us: content that means the same as its absence, which stays when others have edited it since. */
  without: looseObject.optional(),
});
export type Change = z.infer<typeof changeSchema>;

const entrySchema = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  /** The command in words: `mirror reviews to recorder.tapeloop:8080`. */
  what: z.string(),
  /** What it is for: a command of this name finds its own entries by it. */
  kind: z.string(),
  /** Which service, edge or experiment it is about. */
  subject: z.string(),
  why: z.string().optional(),
  by: z.string(),
  at: z.iso.datetime(),
  /** Until when its command promises to be alive: all have it while they are made; absent for what is to stay then. */
  leaseUntil: z.iso.datetime().optional(),
  /** The process that promises it, where that can be told; while there is a lease. */
  holder: holderSchema.optional(),
  /** In the order in which they are made. */
  changes: z.array(changeSchema),
});

/** What was changed in a cluster, written before it is changed: the way back, as data. */
export type JournalEntry = z.infer<typeof entrySchema>;

export const journalLabel = "tapeloop.io/journal";

/** Marks an object that a journal entry speaks of, by the entry's id. */
export const journalAnnotation = "tapeloop.io/journal";

/** Name of the ConfigMap that holds an entry. */
export function configMapName(id: string): string {
  return `tapeloop-journal-${id}`;
}

export function configMapOf(entry: JournalEntry, namespace: string): ClusterObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: configMapName(entry.id),
      namespace,
      labels: { [journalLabel]: "true", "app.kubernetes.io/managed-by": "tapeloop" },
    },
    data: { entry: JSON.stringify(entry) },
  };
}

/** Throws an OperatorError when somebody has changed it beyond reading. */
export function entryOf(configMap: ClusterObject): JournalEntry {
  const where = `journal entry ${configMap.metadata.name} in namespace ${configMap.metadata.namespace}`;
  let parsed: unknown;
  try {
    parsed = JSON.parse((configMap.data as { entry?: string } | undefined)?.entry ?? "");
  } catch {
    throw new OperatorError(`cannot read ${where}: it is not JSON; look at it before it is deleted`);
  }
  const result = entrySchema.safeParse(parsed);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new OperatorError(`cannot read ${where}: ${issue.path.join(".")}: ${issue.message}`);
}
