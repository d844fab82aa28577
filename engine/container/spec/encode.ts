/** The text of a configuration for the runtime. */
import type { OciProcess, OciSpec } from "./oci.ts";

/** RLIM_INFINITY is 2^64-1, which JSON.stringify cannot write exactly: see `encodeSpec`. */
export const rlimInfinity = 2 ** 64;

/** The JSON for config.json: numbers beyond 2^53 that JavaScript would write in another notation are put right. */
export function encodeSpec(spec: OciSpec | OciProcess): string {
  return JSON.stringify(spec).replaceAll(String(rlimInfinity), "18446744073709551615");
}
