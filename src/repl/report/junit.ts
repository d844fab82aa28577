/** `--junit FILE`: what a script did, for CI: its outermost statements are the test cases. */
import { writeFileSync } from "node:fs";
import { EngineError } from "../../../engine/errors.ts";
import { place, reportError } from "../../report.ts";
import { usersFileMode } from "../../umask.ts";
import type { Frame, SourceText } from "../frame/index.ts";
import { locate, type Parsed, withoutSecrets } from "../language/index.ts";
import type { Observer } from "../session.ts";
import { writtenAs } from "./written.ts";

interface Case {
  name: string;
  line: number;
  seconds: number;
  error: EngineError | undefined;
  isSkipped: boolean;
}

export class JunitReport implements Observer {
  readonly #cases = new Map<Parsed, Case>();
  readonly #began = Date.now();
  #file = "";
  #refused: EngineError | undefined;

  /** The statements of the script, of which those that never begin are skipped. */
  read(statements: readonly Parsed[], { source, file }: SourceText): void {
    this.#file ||= file;
    if (this.#cases.size > 0) return;
    for (const statement of statements) {
      const name = withoutSecrets(writtenAs(statement, source), () => "***");
      this.#cases.set(statement, { name, line: locate(source, file, statement.start).line, seconds: 0, error: undefined, isSkipped: true });
    }
  }

  end(statement: Parsed, _frame: Frame, { milliseconds, error }: Parameters<NonNullable<Observer["end"]>>[2]): void {
    const found = this.#cases.get(statement);
    if (found) Object.assign(found, { isSkipped: false, seconds: milliseconds / 1000, error });
  }

  /** What ended the script: where no statement of it did, it is a test of its own that failed. */
  failed(error: EngineError, file: string): void {
    this.#file ||= file;
    if (![...this.#cases.values()].some((each) => each.error)) this.#refused = error;
  }

  /** @throws EngineError `invalid` */
  write(path: string): void {
    try {
      writeFileSync(path, this.text(), { mode: usersFileMode() });
    } catch (cause) {
      throw new EngineError("invalid", `cannot write to "${path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
    }
  }

  text(seconds = (Date.now() - this.#began) / 1000): string {
    const cases = [...this.#cases.values()];
    if (this.#refused)
      cases.push({ name: "check", line: this.#refused.location?.line ?? 1, seconds: 0, error: this.#refused, isSkipped: false });
    const count = (is: (each: Case) => boolean) => cases.filter(is).length;
    const counts = `tests="${cases.length}" failures="${count(isFailure)}" errors="${count(isError)}" skipped="${count(({ isSkipped }) => isSkipped)}"`;
    const inner = cases.map((each) => caseText(each, this.#file)).join("");
    return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts} time="${seconds.toFixed(3)}">
  <testsuite name="${asXml(this.#file)}" ${counts} time="${seconds.toFixed(3)}" timestamp="${new Date(this.#began).toISOString()}">
${inner}  </testsuite>
</testsuites>
`;
  }
}

const isFailure = ({ error }: Case) => error?.code === "expectation";
const isError = ({ error }: Case) => error !== undefined && error.code !== "expectation";

function caseText({ name, line, seconds, error, isSkipped }: Case, file: string): string {
  const attributes = `name="${asXml(`line ${line}: ${name}`)}" classname="${asXml(file)}" file="${asXml(file)}" line="${line}" time="${seconds.toFixed(3)}"`;
  if (isSkipped) return `    <testcase ${attributes}><skipped/></testcase>\n`;
  if (!error) return `    <testcase ${attributes}/>\n`;
  const element = error.code === "expectation" ? "failure" : "error";
  const where = error.location ? `${place(error.location)}: ` : "";
  return `    <testcase ${attributes}>
      <${element} type="${error.code}" message="${asXml(where + error.message)}">${asXml(reportError(error))}</${element}>
    </testcase>\n`;
}

/** For text and attributes; what XML 1.0 cannot hold is shown as a replacement. */
function asXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
