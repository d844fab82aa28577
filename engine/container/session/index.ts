/** Faces and processes coupled: attach, exec, run. */

export { execInContainer } from "./exec.ts";
export { execIdsOf } from "./exec-records.ts";
