import { type Examined, type Finding, placeInWords, type Severity } from "../../mesh/index.js";

const order: readonly Severity[] = ["error", "unknown", "warning", "note"];
const headings: Readonly<Record<Severity, (count: number) => string>> = {
  error: (count) => `${count} ${count === 1 ? "error" : "errors"}`,
  unknown: (count) => `${count} ${count === 1 ? "check" : "checks"} that could not be made`,
  warning: (count) => `${count} ${count === 1 ? "warning" : "warnings"}`,
  note: (count) => `${count} ${count === 1 ? "note" : "notes"}`,
};

/** `doctor` for people: the worst first, three lines a finding. */
export function examinedText({ findings, skipped }: Examined): string {
  const groups = order.flatMap((severity) => {
    const these = findings.filter((finding) => finding.severity === severity);
    return these.length === 0 ? [] : [[`${headings[severity](these.length)}:`, ...these.map(findingText)].join("\n")];
  });
  const verdict = findings.some(({ severity }) => severity !== "note") ? [] : ["nothing stands in the way"];
  const left = skipped.map(({ check, why }) => `not looked for: ${check} (${why})`);
  return `${[...groups, ...[[...verdict, ...left].join("\n")].filter(Boolean)].join("\n\n")}\n`;
}

function findingText({ id, place, seen, fix }: Finding): string {
  return `  ${id}  ${placeInWords(place)}\n          ${seen}\n          fix: ${fix}`;
}

/** `doctor --json`. */
export function examinedJson({ findings, skipped }: Examined): unknown {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const counts = Object.fromEntries(order.map((severity) => [severity, count(severity)]));
  return { counts, findings: inOrder(findings), skipped };
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return order.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}
