/** Random names: 64 hex digits, as docker's ids. */
import { randomBytes } from "node:crypto";

/** A new id, 64 hex digits. */
export function randomId(): string {
  return randomBytes(32).toString("hex");
}
