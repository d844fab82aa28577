/** Values of the session: what a variable stands for as text, and the way into its fields. Pure. */

/**
 * A text of several items: the words that it was written as, or the lines that a command printed. It stands whole wherever a text
 * does; a loop takes its items, so that nothing is ever split at blanks that were somebody's own.
 */
export class Phrase {
  readonly text: string;
  readonly items: readonly string[];

  constructor(text: string, items: readonly string[]) {
    this.text = text;
    this.items = items;
  }

  /** What a command printed. */
  static ofLines(text: string): Phrase {
    return new Phrase(text, text === "" ? [] : text.split(/\r?\n/));
  }

  toJSON(): string {
    return this.text;
  }
}

/** What a command would have given, had it run: any field of it is foreseen, too. */
export class Foreseen {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  toJSON(): string {
    return `<${this.name}>`;
  }
}

/** What a loop takes of a value: the items of a list, the lines that a command printed; anything else is one. */
export function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Phrase) return value.items;
  if (value === "" || value === undefined || value === null) return [];
  const { Output } = typeof value === "object" ? (value as { Output?: unknown }) : {};
  return typeof Output === "string" && Output !== "" ? Phrase.ofLines(Output).items : [value];
}

/** Text of a value in a command line: what the command printed, else the id or name of what it made, else JSON. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Phrase) return value.text;
  if (value instanceof Foreseen) return value.toJSON();
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    const texts = value.map((item) => (typeof item === "object" && item !== null ? nameOf(item) : String(item ?? "")));
    return texts.every((text) => text !== undefined) ? texts.join(" ") : JSON.stringify(value.length === 1 ? value[0] : value);
  }
  return nameOf(value) ?? JSON.stringify(value);
}

/** What stands for an object in a command line. */
function nameOf(value: object): string | undefined {
  if (value instanceof Phrase) return value.text;
  const members = value as Record<string, unknown>;
  const found = ["Output", "Id", "ID", "ImageID", "Name", "Text"].find((name) => typeof members[name] === "string" && members[name] !== "");
  return found && String(members[found]);
}

/** The id in a result that names a live object, which holds the fields that the result itself does not have. */
export function idOf(value: unknown): string | undefined {
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof one !== "object" || one === null) return undefined;
  const { ID, Id } = one as Record<string, unknown>;
  return typeof Id === "string" ? Id : typeof ID === "string" ? ID : undefined;
}

/** Steps of a path: "State.Running", ".Names[0]", "Ports[80/tcp]", 'Labels["a.b"]'. */
export function pathSteps(path: string): string[] {
  const steps: string[] = [];
  for (const [, plain, bracketed] of path.matchAll(/\.?([^.[\]]+)|\[([^\]]+)\]/g))
    steps.push(plain ?? bracketed!.replace(/^["']|["']$/g, ""));
  return steps;
}

export type Found = { value: unknown } | { missing: string; known: string[] };

/** Follows a path into plain data; a list of one item stands for the item where a name is asked for. */
export function follow(value: unknown, steps: readonly string[]): Found {
  let at = value;
  for (const step of steps) {
    if (at instanceof Foreseen) return { value: new Foreseen([at.name, ...steps].join(".")) };
    if (at instanceof Phrase) at = at.items;
    if (Array.isArray(at) && step === "length") return { value: at.length };
    if (Array.isArray(at) && !/^\d+$/.test(step)) {
      if (at.length !== 1) return { missing: step, known: at.map((_, index) => String(index)) };
      at = at[0];
    }
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step))
      return {
        missing: step,
        known: typeof at === "object" && at !== null ? Object.keys(at) : [],
      };
    at = (at as Record<string, unknown>)[step];
  }
  return { value: at };
}
