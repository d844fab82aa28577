import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "MaintainerDeprecated",
  everywhere: true,
  description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
  bad: "FROM scratch\nMAINTAINER me@example.org\n",
  good: 'FROM scratch\nLABEL org.opencontainers.image.authors="me@example.org"\n',
  check({ dockerfile, report }) {
    for (const { kind, location } of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (kind === "maintainer") report(location, "Maintainer instruction is deprecated in favor of using label");
    }
  },
});
