/** The end of a forwarder. Beside the start, which has the program: this is asked for each container, and most have none. */
import type { Ground } from "../../state/ground.ts";
import { endProgram } from "../programs/index.ts";
import { recordOf } from "./record.ts";

/** Ends an owner's forwarder and waits for it, as the next one may need its sockets. Idempotent. */
export function stopForwarder(ground: Ground, owner: string): Promise<void> {
  return endProgram(recordOf(ground, owner), owner);
}
