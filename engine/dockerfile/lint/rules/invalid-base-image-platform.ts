import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "InvalidBaseImagePlatform",
  description: "Base image platform does not match expected target platform",
  bad: "FROM --platform=linux/s390x debian:12\n",
  good: "FROM debian:12\n",
  check({ analysis, report }) {
    for (const { stage, image, platform, base } of analysis.stages) {
      const expected = platform?.word || analysis.targetPlatform;
      const actual = base?.platform;
      if (!actual || sameMachine(expected, actual)) continue;
      report(
        stage.from.location,
        `Base image ${image.word} was pulled with platform ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)} for current build`,
      );
    }
  },
});

/** Variants may differ: an arm/v7 image runs as arm. */
function sameMachine(one: string, other: string): boolean {
  return one.split("/").slice(0, 2).join("/") === other.split("/").slice(0, 2).join("/");
}
