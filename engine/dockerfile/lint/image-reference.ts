/** Whether a text can be an image reference at all (distribution "reference" grammar). Resolving it is the image room's. */

const hostLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
/** A first component is a host when it has a dot or a port, or is localhost. */
const host = `(?:(?:${hostLabel}(?:\\.${hostLabel})+|localhost|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?|${hostLabel}:[0-9]+)/`;
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const tag = ":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const digest = "@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const reference = new RegExp(`^(?:${host})?${component}(?:/${component})*(?:${tag})?(?:${digest})?$`);

export function isImageReference(text: string): boolean {
  // 64 hexadecimal digits alone would be an id.
  return text.length <= 4096 && reference.test(text) && !/^[a-f0-9]{64}$/.test(text);
}

/** Splits "name:tag@digest"; parts that are not there are undefined. */
export function splitReference(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf("@");
  const whole = at === -1 ? text : text.slice(0, at);
  const colon = whole.lastIndexOf(":");
  const hasTag = colon > whole.lastIndexOf("/");
  return {
    name: hasTag ? whole.slice(0, colon) : whole,
    ...(hasTag ? { tag: whole.slice(colon + 1) } : {}),
    ...(at === -1 ? {} : { digest: text.slice(at + 1) }),
  };
}
