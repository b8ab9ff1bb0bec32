import { renderHex } from "../text/render.js";
import type { SecretForm } from "./pattern.js";

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A UUID says nothing of being a secret, but stays one; characters 14 and 19 say version and variant (RFC 9562, 4.1 and 4.2). */
export const uuidForm: SecretForm = {
  is: (value) => value.length === 36 && form.test(value),
  render: (uuid, { next }) => {
    const hex = renderHex(uuid, next);
    return hex.slice(0, 14) + uuid[14]! + hex.slice(15, 19) + uuid[19]! + hex.slice(20);
  },
};
