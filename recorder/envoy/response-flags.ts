/**
 * Envoy's response flags in short, in the order of their bits in the attribute `response.flags` (envoy/stream_info,
 * `CoreResponseFlag`). The fields of the access log's message `ResponseFlags` are numbered alike, from 1, up to `DF`.
 */
const responseFlags = [
  ..."LH UH UT LR UR UF UC UO NR DI FI RL UAEX RLSE DC URX SI IH DPE UMSDR".split(" "),
  ..."RFCF NFCF DT UPE NC OM DF DO DR UDO".split(" "),
] as const;

/** Of a mask as the attribute has it. */
export function flagsOfMask(mask: number): string[] {
  return responseFlags.filter((_, bit) => Math.floor(mask / 2 ** bit) % 2 === 1);
}

/** Of the number of a field of the access log's message; undefined for one that is not known here. */
export function flagOfField(field: number): string | undefined {
  return field <= 27 ? responseFlags[field - 1] : undefined;
}
