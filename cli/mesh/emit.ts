import { stringify } from "yaml";
import { z } from "zod";
import { emitted, type PlannedChange } from "../../mesh/index.js";

/** `--emit`: what would be changed is printed, to be committed, and nothing is changed. */
export const emitSetting = z.enum(["yaml", "kustomize"]);

/** Whether what a tool manages may be planned for: what is printed to be committed is nothing done behind its back. */
export function isManagedLet({ evenIfManaged, emit }: { evenIfManaged: boolean; emit?: unknown }): boolean {
  return evenIfManaged || emit !== undefined;
}

/** The changes as documents of YAML. */
export function emittedText(changes: readonly PlannedChange[], format: z.output<typeof emitSetting>): string {
  return emitted(changes, format)
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}
