/** PEM (RFC 7468): blocks of base64 between labels. What stands around them is passed over. Pure. */

export interface PemBlock {
  /** "PUBLIC KEY" */
  label: string;
  bytes: Buffer;
}

/** A file of certificates has some hundred of them, and a key is small. Characters. */
const longest = 1 << 20;

/** The blocks of a text in their order; [] for a text that has none, or is far too long. */
export function pemBlocks(text: string): PemBlock[] {
  if (text.length > longest) return [];
  const blocks: PemBlock[] = [];
  for (const [, label = "", body = ""] of text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,64})-----\r?\n([^-]*)-----END \1-----/g)) {
    // Old formats (RFC 1421) have headers before an empty line; nothing that is read here is encrypted in their way.
    const bytes = Buffer.from(body.replace(/\s/g, ""), "base64");
    if (bytes.length > 0 && /^[\w+/=\s]*$/.test(body)) blocks.push({ label, bytes });
  }
  return blocks;
}

export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
