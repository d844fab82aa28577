import { type InstructionBase, type Statement, shapes } from "../statement.ts";
import { instruction } from "./instruction.ts";

const stageName = /^[a-z][a-z0-9\-_.]*$/;

export interface FromInstruction extends InstructionBase {
  kind: "from";
  /** Image reference, stage name or "scratch", with variables not yet expanded. */
  image: string;
  /** `--platform` */
  platform?: string;
  /** Name after AS, lower-cased. */
  as?: string;
  /** Name after AS as written, for lint. */
  asWritten?: string;
  /** "AS" as written, for lint. */
  asKeyword?: string;
}

/** Begins a stage. The image and the platform are expanded with the ARGs before the first FROM, so the builder does it. */
export default instruction<FromInstruction>({
  kind: "from",
  keyword: "FROM",
  summary: "begin a build stage from an image, an earlier stage or nothing",
  usage: ["FROM [--platform=PLATFORM] IMAGE[:TAG|@DIGEST] [AS NAME]", "FROM scratch"],
  example: "FROM debian:12 AS build",
  url: "https://docs.docker.com/reference/dockerfile/#from",
  shape: shapes.blanks,
  flags: [{ name: "platform", type: "text", value: "OS/ARCH[/VARIANT]", summary: "platform of the image, for images of several" }],
  notATrigger: true,
  expands: "the image and --platform, with the ARGs before the first FROM and the predefined platform ARGs",
  parse(statement, flags) {
    const { args, base } = statement;
    const name = stageNameOf(statement);
    return {
      ...base,
      kind: "from",
      image: args[0]!.text,
      platform: flags.text("platform"),
      ...(name === undefined ? {} : { as: name.toLowerCase(), asWritten: name, asKeyword: args[1]!.text }),
    };
  },
  expand(from, expander) {
    const image = expander.word(from.image);
    if (image === "")
      expander.fail(`base name (${from.image}) should not be blank`, "give the ARG a default value, or pass it with --build-arg");
    const platform = expander.optional(from.platform);
    if (from.platform && platform === "") expander.fail(`empty platform value from expression ${from.platform}`);
    return { ...from, image, platform };
  },
});

function stageNameOf(statement: Statement): string | undefined {
  const { args } = statement;
  if (args.length === 1) return undefined;
  if (args.length !== 3 || args[1]!.text.toLowerCase() !== "as") {
    const advice = args.length === 2 ? { hint: "a stage's name follows the word AS" } : {};
    return statement.fail("FROM requires either one or three arguments", args[1], advice);
  }
  const name = args[2]!.text;
  if (stageName.test(name.toLowerCase())) return name;
  const message = `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`;
  return statement.fail(message, args[2]);
}
