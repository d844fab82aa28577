/** The text of a configuration for the runtime. */
import { EngineError } from "../../errors.ts";
import type { OciProcess, OciSpec } from "./oci.ts";

/** RLIM_INFINITY is 2^64-1, which JSON.stringify cannot write exactly: see `encodeSpec`. */
export const rlimInfinity = 2 ** 64;

/** The members of a limit; in a string their quotes would be escaped. */
const unlimited = new RegExp(`"(hard|soft)":${rlimInfinity}`, "g");

/** The JSON for config.json: numbers beyond 2^53 that JavaScript would write in another notation are put right. */
export function encodeSpec(spec: OciSpec | OciProcess): string {
  const text = JSON.stringify(spec);
  if (text.includes("\\u0000")) refuseNul(spec);
  return text.replaceAll(unlimited, '"$1":18446744073709551615');
}

/** A word of C ends at its first NUL: crun would run, mount or call something else than was asked for. */
function refuseNul(spec: object): void {
  JSON.stringify(spec, (_, value: unknown) => {
    if (typeof value === "string" && value.includes("\0"))
      throw new EngineError("invalid", `cannot pass ${JSON.stringify(value)} on: it holds a NUL character`, {
        exit: 125,
        hint: "leave the character out: no argument, variable or path can have it",
      });
    return value;
  });
}
