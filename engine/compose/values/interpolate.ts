/**
 * Interpolation of a whole document: variables in every value (not in names), and then the type that an element wants, since what a
 * variable gives is a text. Pure.
 */
import { type Tree, wrongAt } from "../source/places.ts";
import { below, type Rules, rules } from "../source/rules.ts";
import { type Lookup, substitute, TemplateProblem, type Unreadable } from "./template.ts";

export interface Scope {
  lookup: Lookup;
  /** Told what the user should know and stops nothing. */
  warn(text: string): void;
}

type Cast = (text: string, warn: Scope["warn"]) => unknown;

const whole: Cast = (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : fail(text, "an integer"));

const real: Cast = (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : fail(text, "a number"));

/** true and false; YAML 1.1's other words with a warning. */
export const truth: Cast = (text, warn) => {
  const word = text.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  const isYes = ["y", "yes", "on"].includes(word);
  if (!isYes && !["n", "no", "off"].includes(word)) return fail(text, "a boolean");
  warn(`"${text}" is no boolean of YAML 1.2: write ${isYes}`);
  return isYes;
};

/** A value that a type does not take; the walk knows where it stands. */
class NotOfType {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function fail(text: string, wanted: string): never {
  throw new NotOfType(`"${text}" is not ${wanted}`);
}

const service = (names: Record<string, Cast>) => Object.entries(names).map(([name, cast]) => [`services.*.${name}`, cast]);
const all = (cast: Cast, ...names: string[]) => Object.fromEntries(names.map((name) => [name, cast]));

/** What has a type of its own; the rest stays text until it is read as what it is. */
const casts: Rules<Cast> = rules(
  Object.fromEntries([
    ...service({
      ...all(whole, "cpu_count", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "oom_score_adj"),
      ...all(whole, "pids_limit", "scale", "ports.[].target", "ulimits.*", "ulimits.*.hard", "ulimits.*.soft", "healthcheck.retries"),
      ...all(whole, "deploy.replicas", "deploy.update_config.parallelism", "deploy.rollback_config.parallelism"),
      ...all(whole, "deploy.restart_policy.max_attempts", "deploy.placement.max_replicas_per_node"),
      ...all(real, "cpu_percent", "cpus", "deploy.update_config.max_failure_ratio", "deploy.rollback_config.max_failure_ratio"),
      ...all(truth, "init", "healthcheck.disable", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty"),
      ...all(truth, "volumes.[].read_only", "volumes.[].volume.nocopy"),
    }),
    ...["external", "internal", "attachable", "enable_ipv4", "enable_ipv6"].map((name) => [`networks.*.${name}`, truth]),
    ...["volumes", "secrets", "configs"].map((section) => [`${section}.*.external`, truth]),
  ]),
);

/** Puts the values of its variables into a document. @throws EngineError `compose`, located */
export function interpolate(document: Tree, scope: Scope): void {
  new Walk(document, scope).members(document, casts);
}

class Walk {
  readonly #root: Tree;
  readonly #scope: Scope;
  readonly #path: string[] = [];

  constructor(root: Tree, scope: Scope) {
    this.#root = root;
    this.#scope = scope;
  }

  /** In place: only what has a variable, or a type of its own, is touched. */
  members(holder: object, at: Rules<Cast> | undefined): void {
    const isList = Array.isArray(holder);
    for (const name of Object.keys(holder)) {
      const value = (holder as Tree)[name];
      const isText = typeof value === "string";
      if (!isText && (typeof value !== "object" || value === null)) continue;
      const under = at && below(at, isList ? "[]" : name);
      if (isText && !under?.rule && !value.includes("$")) continue;
      this.#path.push(name);
      if (isText) (holder as Tree)[name] = this.#text(value, under?.rule);
      else this.members(value, under);
      this.#path.pop();
    }
  }

  #text(text: string, cast: Cast | undefined): unknown {
    const { lookup, warn } = this.#scope;
    try {
      const made = substitute(text, lookup, (name) => warn(unset(name)));
      return cast ? cast(made, warn) : made;
    } catch (error) {
      if (error instanceof TemplateProblem) throw wrongAt(this.#root, this.#path, ...problem(error.cause));
      if (error instanceof NotOfType) throw wrongAt(this.#root, this.#path, error.text);
      throw error;
    }
  }
}

export function unset(name: string): string {
  return `The "${name}" variable is not set. Defaulting to a blank string.`;
}

/** The words for what is wrong with a text, and the hint. */
function problem(cause: Unreadable): [message: string, options: { hint: string }] {
  if (cause.problem === "invalid") {
    const hint = "write $$ for a dollar sign that begins no variable";
    return [`invalid interpolation format: "${cause.text}"`, { hint }];
  }
  const reason = cause.reason ? `: ${cause.reason}` : "";
  return [`required variable ${cause.name} is missing a value${reason}`, { hint: `set ${cause.name} in the environment or in .env` }];
}
