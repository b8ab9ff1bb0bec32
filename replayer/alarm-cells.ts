/** The cells that an alarm and its thread share, in a row of 32 bits each. */
export enum AlarmCell {
  /** One more each time it is set. */
  set,
  /** One more each time it rings. */
  rung,
  /** For how long it was set last; negative: its thread is to end. */
  waitUs,
  /** 1 once its thread listens. */
  ready,
}

export const alarmCells = 4;
