/** Fifty containers in one session: a REPL script for berth, a shell loop for those that have no session. Per container. */
import { launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import { image } from "../contender.ts";
import { timeOf } from "../measure.ts";

const count = 50;

export const session: Case = {
  id: "session",
  title: `${count} × run --rm busybox true in one session, each`,
  aim: "≤ 45 ms with runc, ≤ 20 ms with crun",
  runs: 3,
  sample(contender) {
    const [program, ...args] = contender.command();
    if (program === launcher) {
      const input = `run --rm ${image} true\n`.repeat(count);
      return timeOf([program, ...args, "repl"], { input }) / count;
    }
    const line = contender.command("run", "--rm", image, "true").map((word) => `'${word}'`);
    return timeOf(["sh", "-ec", `for i in $(seq ${count}); do ${line.join(" ")}; done`]) / count;
  },
};
