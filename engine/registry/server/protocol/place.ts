/** From a path to what it means (distribution-spec, "Endpoints"). Names hold slashes, so a path is read from its end. Pure. */

/** A kind of path, and how a rest of "/v2/" shows that it is one. The first that fits is meant. */
const forms = {
  base: /^$/,
  catalog: /^_catalog$/,
  tags: /^(?<name>.+)\/tags\/list$/,
  uploads: /^(?<name>.+)\/blobs\/uploads\/?$/,
  upload: /^(?<name>.+)\/blobs\/uploads\/(?<reference>[^/]+)$/,
  blob: /^(?<name>.+)\/blobs\/(?<reference>[^/]+)$/,
  manifest: /^(?<name>.+)\/manifests\/(?<reference>[^/]+)$/,
  referrers: /^(?<name>.+)\/referrers\/(?<reference>[^/]+)$/,
} as const;

export type PlaceKind = keyof typeof forms;

export interface Place {
  kind: PlaceKind;
  /** Of the repository; "" where there is none. Not judged yet. */
  name: string;
  /** Tag, digest or upload. Not judged yet. */
  reference: string;
}

/** @param path without the query */
export function placeOf(path: string): Place | undefined {
  const rest = /^\/v2(?:\/(.*))?$/s.exec(decode(path));
  if (!rest) return undefined;
  for (const [kind, form] of Object.entries(forms)) {
    const found = form.exec(rest[1] ?? "");
    if (found) return { kind: kind as PlaceKind, name: found.groups?.["name"] ?? "", reference: found.groups?.["reference"] ?? "" };
  }
  return undefined;
}

/** Some clients write ":" as "%3A". */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return ""; // "%" without two digits behind it
  }
}
