import type { Attribution, DifferenceKind } from "../../../tape/index.js";

/** Something a way of judging would show a person: what differs, where. */
export interface Finding {
  /** Of the service it names as the one that differs first. */
  hop: string;
  route: string;
  place: string;
  /** Undefined where the way of judging has no kinds. */
  kind?: DifferenceKind;
  attribution: Attribution;
}
