/**
 * RFC 4648 base32, lower case, without padding, for whole groups of 5 bytes: Node has no base32,
 * and a host label admits neither upper case nor `-`/`_` of base64url.
 */
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const digits = new Map(alphabet.split("").map((letter, value) => [letter, value]));

export function encodeBase32(bytes: Buffer): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((buffer >> bits) & 31);
    }
  }
  return text;
}

/** Undefined when a character is outside the alphabet. */
export function decodeBase32(text: string): Buffer | undefined {
  const bytes = Buffer.alloc((text.length * 5) >> 3);
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (const letter of text) {
    const value = digits.get(letter);
    if (value === undefined) return undefined;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (buffer >> bits) & 0xff;
    }
  }
  return bytes;
}
