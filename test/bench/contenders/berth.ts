/** This tree's bundle. */
import { join } from "node:path";
import { launcher } from "../../support/driver.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import { type Contender, image, removeState, sleeper, sleeperWords } from "../contender.ts";
import { type Command, outputOf } from "../measure.ts";

export function openBerth(scratch: string): Contender {
  const root = join(scratch, "berth");
  const command = (...words: string[]): Command => [launcher, "--root", root, ...words];
  outputOf(command("import", "--change", 'CMD ["sh"]', busyboxTar(), image));
  outputOf(command(...sleeperWords()));
  return {
    name: "berth",
    version: outputOf(command("version", "--format", "{{.Client.Version}}")).trim(),
    root,
    command,
    async [Symbol.asyncDispose]() {
      outputOf(command("rm", "-f", sleeper));
      await removeState(root);
    },
  };
}
