/** How a build is named: by its id or the beginning of it, or counted back from the newest. */
import type { ArgSpec } from "../../command.ts";

export const refArg: ArgSpec = {
  name: "REF",
  optional: true,
  help: "An id or its beginning; ^1 is the build before the newest; default: the newest",
};
