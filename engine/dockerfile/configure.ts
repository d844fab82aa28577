/** What instructions do to an image's configuration by their own records: in a build's stage, and by `--change` of commit and import. */
import type { Configured } from "./configured.ts";
import { type AnyInstruction, specOf } from "./instructions/table.ts";

/**
 * Applies one instruction, its words already expanded, in place.
 * @returns the `created_by` of its entry in the image's history; undefined for none
 */
export function configure(to: Configured, instruction: AnyInstruction): string | undefined {
  const spec = specOf(instruction);
  spec.configure?.(to, instruction);
  return spec.history?.(instruction, to.config);
}
