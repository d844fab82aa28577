/** The program itself: `--version` loads no engine. */
import type { Case } from "../case.ts";
import { timeOf } from "../measure.ts";

export const startUp: Case = {
  id: "start-up",
  title: "--version",
  aim: "as docker",
  runs: 20,
  sample: (contender) => timeOf(contender.command("--version")),
};
