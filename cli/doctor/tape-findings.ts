import type { Finding } from "../../mesh/index.js";
import {
  openTape,
  parseWhere,
  readPropagation,
  readTrees,
  type ServicePassing,
  type TapeReader,
} from "../../tape/index.js";

/** Bodies beyond this are not mirrored by some versions of Envoy's (istio/istio issue 58870). */
const mirroredBytes = "1MiB";

/** What a tape says of the mesh it was recorded in: services that drop their context, bodies that mirrors may leave out. */
export async function tapeFindings(paths: readonly string[]): Promise<Finding[]> {
  const tape = await openTape([...paths]);
  try {
    const services = await readPropagation(readTrees(tape), tape);
    const place = { kind: "Tape", name: paths.join(", ") };
    return [...propagationFindings(services, place), ...(await bodyFindings(tape, place))];
  } finally {
    await tape.close();
  }
}

/** Pure. As `doctor propagation` judges it. */
export function propagationFindings(services: readonly ServicePassing[], place: Finding["place"]): Finding[] {
  const dropping = services.flatMap(({ service, fields, untied }): Finding[] => {
    const dropped = fields.filter(({ dropped: count }) => count > 0).map(({ field }) => field);
    if (dropped.length === 0 && untied.count === 0) return [];
    const what = dropped.length > 0 ? dropped.join(", ") : "anything in some of its calls";
    return [
      {
        ...{ id: "TL0901", severity: "error", place: { ...place, path: service } },
        seen: `${service} does not pass on ${what}: its calls cannot be tied to the request they are made for, and marks of a fault plan end there`,
        fix: "have it copy these headers from the request it serves to those it makes (tapeloop doctor propagation shows which calls)",
      },
    ];
  });
  if (dropping.length > 0 || services.some(({ fields }) => fields.length > 0)) return dropping;
  const seen = "no call of this tape is known to be made for another one that carried a context";
  return [
    {
      ...{ id: "TL0902", severity: "unknown", place, seen },
      fix: "record at two hops at least: what reaches a service, and what it sends",
    },
  ];
}

/** One is enough to say so. */
async function bodyFindings(tape: Pick<TapeReader, "read">, place: Finding["place"]): Promise<Finding[]> {
  for await (const { id, vantage } of tape.read({ ...parseWhere(`body.bytes > ${mirroredBytes}`), limit: 1 })) {
    return [
      {
        ...{ id: "TL0306", severity: "note", place: { ...place, path: `Exchange ${id}` } },
        seen: `a request of more than ${mirroredBytes} was recorded (vantage ${vantage}): some versions of the proxies do not mirror such bodies, and say so in their log alone`,
        fix: "compare with `seen` of a recorder at another vantage, or record by ext-proc",
      },
    ];
  }
  return [];
}
