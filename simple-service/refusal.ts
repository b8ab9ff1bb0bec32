/** Bad flags or a bad behave file: its message is one line, printed as such, and the process ends with exit code 2. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
