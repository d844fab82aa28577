import { berthRule } from "../rule.ts";

export default berthRule({
  name: "BrokenTrigger",
  description: "An ONBUILD trigger that does not parse fails every build from the image",
  bad: "FROM scratch\nONBUILD COPPY . /app\n",
  good: "FROM scratch\nONBUILD COPY . /app\n",
  check({ dockerfile, report }) {
    for (const instruction of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (instruction.kind !== "onbuild" || instruction.triggerError === undefined) continue;
      report(instruction.location, `Builds from this image will fail: ${instruction.triggerError}`);
    }
  },
});
