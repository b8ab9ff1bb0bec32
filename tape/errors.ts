import { OperatorError } from "../base/index.js";

/** A tape or run file that cannot be opened, read or written. */
export class TapeError extends OperatorError {}
