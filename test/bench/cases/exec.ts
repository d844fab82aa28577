/** `exec` of a trivial command in a running container. */
import type { Case } from "../case.ts";
import { sleeper } from "../contender.ts";
import { timeOf } from "../measure.ts";

export const exec: Case = {
  id: "exec",
  title: "exec CONTAINER true",
  aim: "≤ 0.4 of docker, ≤ 0.5 of podman",
  runs: 20,
  sample: (contender) => timeOf(contender.command("exec", sleeper, "true")),
};
