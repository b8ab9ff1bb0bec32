import { bytesInWords } from "../bytes.js";
import type { BodyKind } from "./body-kind.js";

/** Bytes as a whole: lengths, hashes, and the bytes at the first difference. Takes whatever no other kind took. */
export const binary: BodyKind = {
  name: "binary",
  fits: () => true,
  compare({ expected, actual, findings }) {
    findings.add([], { kind: "changed-bytes", severity: "medium", ...bytesInWords(expected, actual) });
    return true;
  },
};
