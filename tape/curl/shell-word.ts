/** A text as one word of a POSIX shell. It may hold anything but NUL. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * A command that prints exactly these bytes: `printf` of a POSIX shell, where bytes that are no printable ASCII are octal
 * escapes. A shell's own command, so the system's limit on the length of arguments does not hold for it.
 */
export function printfOf(bytes: Uint8Array): string {
  const format = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1")
    .replace(/[^\x20-\x7e]|[\\%]/g, (character) => {
      if (character === "%") return "%%";
      return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
    });
  // A format that begins with a hyphen would be read as an option.
  return `printf ${shellWord(format.replace(/^-/, "\\055"))}`;
}
