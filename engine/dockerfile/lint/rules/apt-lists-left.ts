import type { RunInstruction } from "../../instructions/run.ts";
import { berthRule } from "../rule.ts";
import { commandsOf, type ShellCommand } from "../shell-commands.ts";

const isApt = ({ words }: ShellCommand, verb: string) => /^apt(-get)?$/.test(words[0] ?? "") && words.includes(verb);
const removesLists = ({ words }: ShellCommand) => words[0] === "rm" && words.some((word) => word.startsWith("/var/lib/apt"));

/** A mount over the lists keeps them out of the layer. */
const mountsLists = (run: RunInstruction) =>
  run.mounts.some(({ target }) => target !== undefined && /^\/var\/lib(\/apt(\/lists)?)?\/?$/.test(target));

export default berthRule({
  name: "AptListsLeft",
  description: "Package lists that the same RUN does not remove stay in the layer",
  bad: "FROM debian:12\nRUN apt-get update && apt-get install -y curl=7.*\n",
  good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl=7.* && rm -rf /var/lib/apt/lists/*\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind !== "run" || mountsLists(run)) continue;
      const commands = commandsOf(run);
      if (!commands.some((command) => isApt(command, "update")) || commands.some(removesLists)) continue;
      report(run.location, "Package lists stay in the layer: end this RUN with && rm -rf /var/lib/apt/lists/*");
    }
  },
});
