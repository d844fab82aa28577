/** `parallel { … }`: the statements of a block, or the turns of a loop, side by side, with all results and all failures. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { put, ReaderGone } from "../../print.ts";
import { type Frame, type Leap, type Output, type Place, pointAt, statusOf, type Variables } from "../frame/index.ts";
import type { Of, Parsed } from "../language/index.ts";
import type { Session } from "../session.ts";
import { valuesOf } from "./flow.ts";

/** A line that never ends is given on all the same. */
const longestLine = 64 << 10;
const newline = 10;

interface Branch {
  statements: Parsed[];
  variables: Variables;
}

type Outcome = { value: unknown } | { error: EngineError };

export async function runParallel(session: Session, statement: Of<"parallel">, frame: Frame): Promise<Leap | undefined> {
  const branches = await branchesOf(session, statement, frame);
  const most = statement.most ? await mostOf(statement.most, frame) : branches.length;
  const waiting = branches.map((branch, at) => ({ branch, at }));
  const outcomes: Outcome[] = [];
  // Who waits for a place does not begin when all of it is over.
  const next = () => (frame.signal.aborted || session.left(frame) ? undefined : waiting.shift());
  const worker = async () => {
    for (let each = next(); each; each = next()) outcomes[each.at] = await outcomeOf(session, each.branch, frame);
  };
  await Promise.all(Array.from({ length: Math.min(most, branches.length) }, worker));
  frame.signal.throwIfAborted();
  const errors = outcomes.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
  if (errors.length > 0) throw failureOf(errors, branches.length);
  frame.variables.set(
    "_",
    outcomes.map((outcome) => ("value" in outcome ? outcome.value : "")),
  );
  return session.left(frame);
}

async function mostOf(word: NonNullable<Of<"parallel">["most"]>, { variables, text, place }: Frame): Promise<number> {
  const count = await variables.expandWord(word, text, place.engine);
  if (/^[1-9]\d*$/.test(count)) return Number(count);
  throw pointAt(new EngineError("syntax", `parallel needs a number of branches at a time, not "${count}"`), word);
}

/** What a branch binds is its own, but for a statement of the block that is itself a `let`. */
async function branchesOf(session: Session, { each, body }: Of<"parallel">, frame: Frame): Promise<Branch[]> {
  const { variables } = frame;
  if (!each) return body.map((one) => ({ statements: [one], variables: isLet(one) ? binding(variables) : variables.inner() }));
  const values = await valuesOf(session, each, frame);
  return values.map((value) => {
    const own = variables.inner();
    own.set(each.name, value);
    return { statements: body, variables: own };
  });
}

const isLet = ({ kind }: Parsed) => kind === "let" || kind === "assign";

/** Binds names outside, and `$?` and `$_` for itself. */
function binding(outside: Variables): Variables {
  const own = outside.inner();
  const set = own.set.bind(own);
  own.set = (name, value) => (name === "?" || name === "_" ? set(name, value) : outside.set(name, value));
  return own;
}

async function outcomeOf(session: Session, { statements, variables }: Branch, frame: Frame): Promise<Outcome> {
  const lines = new Lines(outputOf(frame.place));
  const place: Place = { ...frame.place, output: lines };
  try {
    variables.set("_", "");
    const leap = await session.block(statements, { ...frame, variables, place });
    return { value: leap?.kind === "return" ? leap.value : variables.get("_") };
  } catch (error) {
    if (error instanceof ReaderGone) throw error;
    return { error: toEngineError(error) };
  } finally {
    await lines.end();
  }
}

const outputOf = ({ output }: Place): Output => output ?? { put: (data, stream) => put(stream, data) };

/** Whole lines: what branches print does not mix within them. */
class Lines implements Output {
  readonly #output: Output;
  readonly #rest: Record<"stdout" | "stderr", Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly event: Output["event"];

  constructor(output: Output) {
    this.#output = output;
    this.event = output.event?.bind(output);
  }

  async put(data: string | Uint8Array, stream: "stdout" | "stderr"): Promise<void> {
    const bytes = Buffer.concat([this.#rest[stream], typeof data === "string" ? Buffer.from(data) : data]);
    const end = bytes.length > longestLine ? bytes.length : bytes.lastIndexOf(newline) + 1;
    this.#rest[stream] = bytes.subarray(end);
    if (end > 0) await this.#output.put(bytes.subarray(0, end), stream);
  }

  async end(): Promise<void> {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#rest[stream];
      this.#rest[stream] = Buffer.alloc(0);
      if (rest.length > 0) await this.#output.put(rest, stream);
    }
  }
}

/** One error of all: that of the first branch, which tells of the others. */
function failureOf(errors: readonly EngineError[], branches: number): EngineError {
  const [first] = errors as [EngineError, ...EngineError[]];
  if (errors.length === 1) return first;
  const told = errors.map(
    ({ message, location }) => `  ${location ? `${location.file}:${location.line}:${location.column}: ` : ""}${message}`,
  );
  return new EngineError(first.code, `${errors.length} of ${branches} branches failed:\n${told.join("\n")}`, {
    cause: first,
    hint: first.hint,
    exit: statusOf(first),
    details: { failures: errors.map(({ code, message, location }) => ({ code, message, line: location?.line, column: location?.column })) },
  });
}
