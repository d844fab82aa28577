import { EngineError } from "../../errors.ts";
import { trimSpace } from "../space.ts";
import { type InstructionBase, shapes } from "../statement.ts";
import { instruction } from "./instruction.ts";

const blank = "VOLUME specified can not be an empty string";

export interface VolumeInstruction extends InstructionBase {
  kind: "volume";
  volumes: string[];
}

/** Marks directories whose content lives in volumes. */
export default instruction<VolumeInstruction>({
  kind: "volume",
  keyword: "VOLUME",
  summary: "mark directories whose content a container keeps in volumes",
  usage: ["VOLUME PATH…", 'VOLUME ["PATH"…]'],
  example: "VOLUME /var/lib/data",
  url: "https://docs.docker.com/reference/dockerfile/#volume",
  shape: shapes.jsonOrBlanks,
  flags: [],
  change: true,
  expands: "the paths",
  parse(statement) {
    if (statement.args.length === 0) statement.fail("VOLUME requires at least one argument");
    const volumes = statement.args.map((word) => trimSpace(word.text) || statement.fail(blank, word));
    return { ...statement.base, kind: "volume", volumes };
  },
  expand: (volume, expander) => ({ ...volume, volumes: volume.volumes.map((path) => expander.word(path) || expander.fail(blank)) }),
  configure({ config }, { volumes }) {
    if (volumes.includes("")) throw new EngineError("dockerfile", blank);
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  },
  history: ({ volumes }) => `VOLUME [${volumes.join(" ")}]`,
});
