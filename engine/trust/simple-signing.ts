/** The simple signing payload: which digest under which name (containers/image, "atomic-signature-embedded-json"; cosign's SIGNATURE_SPEC). Pure. */
import { EngineError } from "../errors.ts";
import { mapOf, object, parseShaped, required, text } from "../image/documents/index.ts";

export interface SimplePayload {
  digest: string;
  /** "localhost:5000/team/app": what the signer called it. */
  identity: string;
  annotations: Record<string, string>;
}

interface Written {
  critical: { identity: { "docker-reference"?: string }; image: { "docker-manifest-digest": string }; type: string };
  optional?: Record<string, unknown> | null;
}

const type = "cosign container image signature";

const shape = object({
  critical: required(
    object({
      identity: required(object({ "docker-reference": text })),
      image: required(object({ "docker-manifest-digest": required(text) })),
      type: required(text),
    }),
  ),
  optional: mapOf(() => undefined),
});

/** @throws EngineError `corrupt` */
export function readSimplePayload(payload: string): SimplePayload {
  const refuse = (why: string) => new EngineError("corrupt", `its payload is malformed: ${why}`);
  const { critical, optional } = parseShaped<Written>(payload, shape, refuse);
  if (critical.type !== type) throw refuse(`it is a "${critical.type}"`);
  return {
    digest: critical.image["docker-manifest-digest"],
    identity: critical.identity["docker-reference"] ?? "",
    annotations: textsOf(optional),
  };
}

/** Values that are no texts, as a time, are told as JSON. */
export function textsOf(values: Record<string, unknown> | null | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** As cosign writes it, byte for byte. */
export function writeSimplePayload({ digest, identity, annotations }: SimplePayload): string {
  const sorted = Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)));
  const written: Written = {
    critical: { identity: { "docker-reference": identity }, image: { "docker-manifest-digest": digest }, type },
    optional: Object.keys(annotations).length > 0 ? sorted : null,
  };
  return JSON.stringify(written);
}
