/** What clients ask of a Dockerfile instead of a build of it (moby/buildkit, frontend/subrequests), in one table. */
import type { Answer, Builder, BuildOptions, LintDocument } from "../../build/index.ts";
import { EngineError } from "../../errors.ts";
import { failureOf } from "./failure.ts";

interface Subrequest {
  name: string;
  description: string;
  opts?: readonly { name: string; description: string }[];
  /** Beside its text and JSON. */
  metadata?: readonly string[];
  answer(builder: Builder, options: BuildOptions): Promise<Answer<unknown> & { status?: number }>;
}

const version = "1.0.0";

const subrequests: readonly Subrequest[] = [
  {
    name: "frontend.outline",
    description: "List all parameters current build target supports",
    opts: [{ name: "target", description: "Target build stage" }],
    answer: (builder, options) => builder.outline(options),
  },
  {
    name: "frontend.targets",
    description: "List all targets current build supports",
    answer: (builder, options) => builder.targets(options),
  },
  {
    name: "frontend.lint",
    description: "Lint a Dockerfile",
    metadata: ["result.statuscode"],
    async answer(builder, options) {
      const document = await lint(builder, options);
      return { document, text: lintText(document), status: document.warnings.length > 0 || document.buildError ? 1 : 0 };
    },
  },
  { name: "frontend.subrequests.describe", description: "List available subrequest types", answer: async () => description() },
];

/** @param id "frontend.lint". @returns what the client finds beside a result. @throws EngineError `unsupported` */
export async function answerSubrequest(builder: Builder, id: string, options: BuildOptions): Promise<Record<string, Buffer>> {
  const asked = subrequests.find(({ name }) => name === id);
  if (!asked)
    throw new EngineError("unsupported", `unsupported request ${id}`, {
      hint: `berth answers ${subrequests.map(({ name }) => name).join(", ")}`,
    });
  const { document, text, status } = await asked.answer(builder, options);
  return {
    "result.json": Buffer.from(JSON.stringify(document, undefined, 2)),
    "result.txt": Buffer.from(text),
    version: Buffer.from(version),
    ...(status !== undefined && { "result.statuscode": Buffer.from(String(status)) }),
  };
}

function description(): Answer<unknown> {
  const document = subrequests.map(({ name, description, opts = [], metadata = [] }) => ({
    ...{ name, version, type: "rpc", description, opts },
    metadata: ["result.json", "result.txt", ...metadata].map((each) => ({ name: each })),
  }));
  const rows = document.map(({ name, description: text }) => `${name.replace("frontend.", "")} ${version} ${text}\n`);
  return { document, text: `NAME VERSION DESCRIPTION\n${rows.join("")}` };
}

/** Without berth's own rules, which no client of BuildKit's asked for, and with a fault in BuildKit's words. */
async function lint(builder: Builder, options: BuildOptions): Promise<LintDocument> {
  const { document, error } = await builder.check(options);
  const { warnings, sources, buildError } = document;
  return {
    ...{ warnings: warnings.filter(({ ruleName }) => !ruleName.startsWith("berth/")), sources },
    ...(buildError && error && { buildError: { ...buildError, message: failureOf(error).message } }),
  };
}

function lintText({ warnings, sources }: LintDocument): string {
  const { filename = "", data = "" } = sources[0] ?? {};
  const lines = Buffer.from(data, "base64").toString().split("\n");
  return warnings
    .map(({ ruleName, url, detail, location }) => {
      const [{ start, end }] = location.ranges as [LintDocument["warnings"][number]["location"]["ranges"][number]];
      return `\nWARNING: ${ruleName}${url ? ` - ${url}` : ""}\n${detail}\n${excerpt(filename, lines, start.line, end.line)}`;
    })
    .join("");
}

const rule = "--------------------\n";

/** The lines with two or four around them, marked (solver/errdefs/source.go). */
function excerpt(file: string, lines: readonly string[], first: number, last: number): string {
  const around = first === last ? 2 : 1;
  const [from, to] = [Math.max(1, first - around), Math.min(lines.length, last + around)];
  const shown = lines.slice(from - 1, to).map((line, at) => {
    const number = from + at;
    return ` ${String(number).padStart(3)} | ${number >= first && number <= last ? ">>>" : "   "} ${line}\n`;
  });
  return `${file}:${first}\n${rule}${shown.join("")}${rule}`;
}
