/** Looks at one running container: the list, all that is known of it, its log. */
import type { Case } from "../case.ts";
import { sleeper } from "../contender.ts";
import { timeOf } from "../measure.ts";

export const ps: Case = {
  id: "ps",
  title: "ps",
  aim: "≤ 0.7 of docker",
  runs: 20,
  sample: (contender) => timeOf(contender.command("ps")),
};

export const inspect: Case = {
  id: "inspect",
  title: "inspect CONTAINER",
  aim: "≤ 0.7 of docker",
  runs: 20,
  sample: (contender) => timeOf(contender.command("inspect", sleeper)),
};

export const logs: Case = {
  id: "logs",
  title: "logs CONTAINER, which has said nothing",
  aim: "≤ 0.7 of docker",
  runs: 20,
  sample: (contender) => timeOf(contender.command("logs", sleeper)),
};
