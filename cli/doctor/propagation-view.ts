import type { FieldPassing, PassedExample, ServicePassing } from "../../tape/index.js";

/** `doctor propagation` for people: services that drop something first. */
export function propagationText(services: readonly ServicePassing[]): string {
  const judged = services.filter(({ fields, untied }) => fields.length > 0 || untied.count > 0);
  if (judged.length === 0) {
    return "cannot tell: no call of this tape is known to be made for another one that carried a context\n(record at two hops at least: what reaches a service, and what it sends)\n";
  }
  const inOrder = [...judged].sort((a, b) => Number(isGood(a)) - Number(isGood(b)));
  return `${inOrder.flatMap(linesOf).join("\n")}\n`;
}

function isGood({ fields, untied }: ServicePassing): boolean {
  return untied.count === 0 && fields.every(({ dropped }) => dropped === 0);
}

function linesOf(passing: ServicePassing): string[] {
  const { service, judged, fields, untied } = passing;
  const lines = [`${service}: ${verdictOf(passing)} (${judged} of its calls looked into)`];
  for (const field of fields) lines.push(fieldLine(field), ...field.examples.slice(0, 1).map(exampleLine));
  if (untied.count > 0) {
    lines.push(
      `  ${untied.count} more of its calls share no identifier with any call to it, such as Exchange ${untied.examples.join(", ")}`,
    );
  }
  return lines;
}

function verdictOf(passing: ServicePassing): string {
  if (isGood(passing)) return "passes on what it is given";
  const { fields, untied } = passing;
  const always = fields.filter(({ dropped, carried }) => dropped === carried).map(({ field }) => field);
  const sometimes = fields.filter(({ dropped, carried }) => dropped > 0 && dropped < carried).map(({ field }) => field);
  return [
    ...(always.length > 0 ? [`drops ${always.join(", ")}`] : []),
    ...(sometimes.length > 0 ? [`sometimes drops ${sometimes.join(", ")}`] : []),
    ...(always.length + sometimes.length === 0 && untied.count > 0 ? ["passes nothing on in some of its calls"] : []),
  ].join("; ");
}

function fieldLine({ field, carried, dropped }: FieldPassing): string {
  const share = ((carried - dropped) / carried) * 100;
  return `  ${field.padEnd(13)} passed on in ${carried - dropped} of ${carried} (${share.toFixed(share % 1 === 0 ? 0 : 1)} %)`;
}

function exampleLine({ incoming, outgoing, was, became }: PassedExample): string {
  const then = became === undefined ? "was not there" : `was ${became}`;
  return `    in Exchange ${incoming} it was ${was}, in Exchange ${outgoing}, made for it, it ${then}`;
}

/** `doctor propagation --json`. */
export function propagationJson(services: readonly ServicePassing[]): unknown {
  return {
    services: services.map((passing) => ({
      ...passing,
      drops: passing.fields.filter(({ dropped }) => dropped > 0).map(({ field }) => field),
    })),
  };
}
