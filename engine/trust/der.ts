/** DER (X.690), as far as a certificate's extensions need it: X509Certificate says nothing of some that decide. Pure. */

interface Element {
  tag: number;
  /** Without tag and length. */
  content: Buffer;
}

const sequence = 0x30;

/** The elements that follow each other in some bytes. @throws RangeError for what is no DER */
function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at);
    let length = bytes.readUInt8(at + 1);
    at += 2;
    if (length >= 0x80) {
      const digits = length - 0x80;
      if (digits < 1 || digits > 4) throw new RangeError("a length that is none");
      length = bytes.readUIntBE(at, digits);
      at += digits;
    }
    if (at + length > bytes.length) throw new RangeError("an element that does not end");
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

export interface Extensions {
  /** Bits as RFC 5280 numbers them; undefined when nothing is said: everything is allowed. */
  keyUsage?: { digitalSignature: boolean; certSign: boolean };
  basicConstraints?: { ca: boolean; pathLength?: number };
  /** Identifiers of those that are critical and not understood here. */
  unknown: string[];
}

const understood = { keyUsage: "2.5.29.15", basicConstraints: "2.5.29.19", extendedKeyUsage: "2.5.29.37", alternativeName: "2.5.29.17" };

/** Of a certificate (RFC 5280, section 4.2). @throws RangeError */
export function extensionsOf(certificate: Buffer): Extensions {
  const [outer] = elements(certificate);
  const [body] = elements(outer!.content);
  const holder = elements(body!.content).find(({ tag }) => tag === 0xa3);
  const extensions: Extensions = { unknown: [] };
  if (!holder) return extensions;
  for (const { tag, content } of elements(elements(holder.content)[0]!.content)) {
    if (tag !== sequence) throw new RangeError("an extension that is none");
    const [identifier, ...rest] = elements(content);
    const oid = identifierOf(identifier!.content);
    const isCritical = rest[0]?.tag === 0x01 && rest[0].content[0] !== 0;
    const value = rest.at(-1)!.content;
    if (oid === understood.keyUsage) extensions.keyUsage = keyUsage(elements(value)[0]!.content);
    else if (oid === understood.basicConstraints) extensions.basicConstraints = basicConstraints(elements(value)[0]!.content);
    else if (isCritical && !Object.values(understood).includes(oid)) extensions.unknown.push(oid);
  }
  return extensions;
}

/** A bit string: how many bits of the last byte count for nothing, then the bits, the first the highest. */
function keyUsage(bits: Buffer): Extensions["keyUsage"] {
  const first = bits[1] ?? 0;
  return { digitalSignature: (first & 0x80) !== 0, certSign: (first & 0x04) !== 0 };
}

function basicConstraints(content: Buffer): Extensions["basicConstraints"] {
  const parts = elements(content);
  const ca = parts.find(({ tag }) => tag === 0x01)?.content[0];
  const length = parts.find(({ tag }) => tag === 0x02)?.content;
  return { ca: (ca ?? 0) !== 0, ...(length && { pathLength: length.readUIntBE(0, Math.min(length.length, 4)) }) };
}

function identifierOf(content: Buffer): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}
