/** One line of comma-separated values (RFC 4180, as Go's encoding/csv reads it). */

/** @returns undefined when a quote is not where quotes may be, or is not closed */
export function parseRecord(text: string): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (text[at] !== '"') {
      const comma = text.indexOf(",", at);
      const field = text.slice(at, comma === -1 ? undefined : comma);
      if (field.includes('"')) return undefined;
      fields.push(field);
      if (comma === -1) return fields;
      at = comma + 1;
      continue;
    }
    const quoted = readQuoted(text, at + 1);
    if (!quoted) return undefined;
    fields.push(quoted.field);
    if (quoted.end === text.length) return fields;
    if (text[quoted.end] !== ",") return undefined;
    at = quoted.end + 1;
  }
}

/** A quoted field from behind its opening quote; `""` is a quote. */
function readQuoted(text: string, from: number): { field: string; end: number } | undefined {
  let field = "";
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return undefined;
    field += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { field, end: quote + 1 };
    field += '"';
    at = quote + 2;
  }
}
