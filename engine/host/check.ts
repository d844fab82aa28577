/** What a check is. A check never throws for what it looks for: a broken thing is its finding. */
import type { Ground } from "../state/ground.ts";
import type { DoctorCheck } from "./index.ts";

export type Finding = Omit<DoctorCheck, "name">;

export interface Check {
  name: string;
  run(ground: Ground): Finding | Promise<Finding>;
}

export function ok(detail: string): Finding {
  return { status: "ok", detail };
}

/** It works, with less than it could have. */
export function warning(detail: string, remedy: string): Finding {
  return { status: "warning", detail, remedy };
}

/** Something that berth needs does not work. */
export function error(detail: string, remedy: string): Finding {
  return { status: "error", detail, remedy };
}
