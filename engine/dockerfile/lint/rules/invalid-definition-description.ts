import type { SourceLocation } from "../../../errors.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "InvalidDefinitionDescription",
  everywhere: true,
  description:
    "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
  experimental: true,
  bad: "# check=experimental=InvalidDefinitionDescription\nFROM scratch\n# the version to fetch\nARG VERSION=1\n",
  good: "# check=experimental=InvalidDefinitionDescription\nFROM scratch\n# VERSION is what to fetch\nARG VERSION=1\n",
  check({ dockerfile, report }) {
    const look = (keyword: string, names: string[], comments: string[], location: SourceLocation) => {
      const last = comments.at(-1);
      if (last === undefined || names.length === 0 || names.includes(last.split(" ", 1)[0]!)) return;
      const example = names.length > 1 ? "<arg_key>" : names[0];
      report(location, `Comment for ${keyword} should follow the format: \`# ${example} <description>\``);
    };
    const args = [...dockerfile.metaArgs, ...dockerfile.stages.flatMap((stage) => stage.instructions)];
    for (const arg of args)
      if (arg.kind === "arg")
        look(
          "ARG",
          arg.args.map(({ key }) => key),
          arg.comments,
          arg.location,
        );
    for (const { name, from } of dockerfile.stages) if (name) look("FROM", [name], from.comments, from.location);
  },
});
