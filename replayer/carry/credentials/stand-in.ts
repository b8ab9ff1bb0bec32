import { createHash } from "node:crypto";

/**
 * A made-up value of the class of a pseudonym: an address of a domain for examples (RFC 2606), a telephone number that is
 * kept free for fiction, else letters for letters and digits for digits. Equal pseudonyms give equal stand-ins, in every lane
 * and run. Addresses inside a longer text are replaced there.
 */
export function standInFor(pseudonym: string): string {
  if (/\s/.test(pseudonym) && address.test(pseudonym)) return pseudonym.replace(addresses, standInAddress);
  if (wholeAddress.test(pseudonym)) return standInAddress(pseudonym);
  if (/^\+[\d ().-]+$/.test(pseudonym)) return standInNumber(pseudonym);
  return likeIt(pseudonym);
}

/** A pseudonym's domain ends with z's alone. */
const address = /[\w.%+'-]+@[\w.-]+\.z{2,24}\b/;
const addresses = new RegExp(address, "g");
const wholeAddress = /^[^@\s]+@[^@\s]+$/;

function standInAddress(pseudonym: string): string {
  return `user-${digestOf(pseudonym).toString("hex", 0, 6)}@example.com`;
}

/** 555-0100 to 555-0199 of any area of North America. */
function standInNumber(pseudonym: string): string {
  const digest = digestOf(pseudonym);
  const area = 201 + (digest.readUInt16BE(0) % 788);
  return `+1${area}55501${String(digest.readUInt16BE(2) % 100).padStart(2, "0")}`;
}

function likeIt(pseudonym: string): string {
  let digest = digestOf(pseudonym);
  let at = 0;
  const draw = (most: number) => {
    if (at === digest.length) {
      digest = digestOf(digest.toString("hex"));
      at = 0;
    }
    return digest[at++]! % most;
  };
  const drawn = pseudonym.replace(/[0-9a-zA-Z]/g, (character) => {
    if (character >= "0" && character <= "9") return String(character === "0" ? draw(10) : 1 + draw(9));
    return String.fromCharCode((character >= "a" ? 97 : 65) + draw(26));
  });
  return drawn;
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(`tapeloop stand-in\0${text}`).digest();
}
