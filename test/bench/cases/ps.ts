/** `ps` with one running container. */
import type { Case } from "../case.ts";
import { timeOf } from "../measure.ts";

export const ps: Case = {
  id: "ps",
  title: "ps",
  aim: "≤ 60 ms",
  runs: 20,
  sample: (contender) => timeOf(contender.command("ps")),
};
