/** One-shot `run --rm busybox true`: bridge network, default seccomp profile, as everybody types it. */
import type { Case } from "../case.ts";
import { image } from "../contender.ts";
import { timeOf } from "../measure.ts";

export const run: Case = {
  id: "run",
  title: "run --rm busybox true",
  aim: "≤ 0.14 of docker, ≤ 0.35 of podman",
  runs: 20,
  sample: (contender) => timeOf(contender.command("run", "--rm", image, "true")),
};
