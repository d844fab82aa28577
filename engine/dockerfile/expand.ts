/**
 * Word expansion, the same as BuildKit's shell lexer: quotes, the escape token, `$x` and every `${x…}` form, and the
 * splitting of the result into words. A small part of a shell, with quirks of its own that Dockerfiles rely on, so each
 * rule here is BuildKit's and not POSIX's (Dockerfile reference, "Environment replacement").
 */
import { EngineError } from "../errors.ts";
import { replace, trimPrefix, trimSuffix } from "./glob.ts";
import { isSpace } from "./space.ts";

/** Where variables come from while words are expanded. */
export interface Variables {
  get(name: string): string | undefined;
}

export interface ExpandOptions {
  escape?: string;
  /** Keep quotes in the result. */
  rawQuotes?: boolean;
  /** Keep escape tokens in the result. */
  rawEscapes?: boolean;
  /** Quotes are ordinary characters: heredoc bodies. */
  ignoreQuotes?: boolean;
  /** Leave references to unset variables as they are written. */
  keepUnset?: boolean;
}

export interface Expansion {
  /** The whole, quotes and escapes removed. */
  word: string;
  /** The same split at blanks that are neither quoted nor escaped. */
  words: string[];
  /** Names that had a value, and names that had none. */
  matched: Set<string>;
  unmatched: Set<string>;
}

/** @throws EngineError without a location for bad syntax and for `${x:?message}`; callers know where the text stands */
export function expand(text: string, variables: Variables, options: ExpandOptions = {}): Expansion {
  // Most words have nothing to expand.
  if (!/[$'"\\`\s\u0080-\uffff]/.test(text))
    return { word: text, words: text === "" ? [] : [text], matched: new Set(), unmatched: new Set() };
  const lexer = new Lexer(text, variables, options);
  try {
    return lexer.run();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError("dockerfile", `failed to process ${JSON.stringify(text)}: ${error.message}`, { hint: error.hint, cause: error });
  }
}

/** Splits what it is given, as it is given it, into words. */
class WordBuffer {
  readonly words: string[] = [];
  private word = "";
  private inWord = false;

  character(character: string): void {
    if (!isSpace(character)) this.raw(character);
    else if (this.inWord && this.word !== "") this.end();
  }

  string(text: string): void {
    for (const character of text) this.character(character);
  }

  raw(text: string): void {
    this.word += text;
    this.inWord = true;
  }

  finish(): string[] {
    if (this.word !== "") this.end();
    return this.words;
  }

  private end(): void {
    this.words.push(this.word);
    this.word = "";
    this.inWord = false;
  }
}

const syntax = (message: string) => new EngineError("dockerfile", message);
const letter = /[\p{L}\p{Nd}_]/u;
const digit = /\p{Nd}/u;
/** POSIX special parameters: never set in a Dockerfile, yet names. */
const special = "@*#?-$!0";

class Lexer {
  private readonly characters: string[];
  private at = 0;
  private readonly variables: Variables;
  private readonly options: ExpandOptions;
  private readonly escape: string;
  private rawEscapes: boolean;
  private readonly matched = new Set<string>();
  private readonly unmatched = new Set<string>();
  private depth = 0;

  constructor(text: string, variables: Variables, options: ExpandOptions) {
    this.characters = [...text];
    this.variables = variables;
    this.options = options;
    this.escape = options.escape ?? "\\";
    this.rawEscapes = options.rawEscapes ?? false;
  }

  run(): Expansion {
    const { word, words } = this.until(undefined, this.rawEscapes);
    return { word, words, matched: this.matched, unmatched: this.unmatched };
  }

  private peek(): string | undefined {
    return this.characters[this.at];
  }

  private next(): string | undefined {
    return this.characters[this.at++];
  }

  /** Reads to the stop character, which is consumed, or to the end when there is none. */
  private until(stop: string | undefined, rawEscapes: boolean): { word: string; words: string[] } {
    if (++this.depth > 200) throw syntax("syntax error: substitutions nested too deeply");
    const before = this.rawEscapes;
    this.rawEscapes = rawEscapes;
    const buffer = new WordBuffer();
    let word = "";
    for (let character = this.peek(); character !== undefined; character = this.peek()) {
      if (character === stop) {
        this.at++;
        this.depth--;
        this.rawEscapes = before;
        return { word, words: buffer.finish() };
      }
      word += this.element(character, buffer);
    }
    if (stop !== undefined) throw syntax(stop === "}" ? "syntax error: missing '}'" : "syntax error: missing '/' in ${}");
    this.depth--;
    this.rawEscapes = before;
    return { word, words: buffer.finish() };
  }

  /** One reference, quoted string, escape or plain character. */
  private element(character: string, buffer: WordBuffer): string {
    if (character === "$") {
      const value = this.dollar();
      buffer.string(value);
      return value;
    }
    if (!this.options.ignoreQuotes && (character === "'" || character === '"')) {
      const value = character === "'" ? this.singleQuoted() : this.doubleQuoted();
      buffer.raw(value);
      return value;
    }
    this.at++;
    if (character !== this.escape) {
      buffer.character(character);
      return character;
    }
    const kept = this.rawEscapes ? character : "";
    // The escape token at the very end is dropped.
    const escaped = kept + (this.next() ?? "");
    if (escaped !== "") buffer.raw(escaped);
    return escaped;
  }

  /** Nothing is special inside, and the quote cannot be escaped. */
  private singleQuoted(): string {
    const from = ++this.at;
    const end = this.characters.indexOf("'", from);
    if (end === -1) throw syntax("unexpected end of statement while looking for matching single-quote");
    this.at = end + 1;
    const inside = this.characters.slice(from, end).join("");
    return this.options.rawQuotes ? `'${inside}'` : inside;
  }

  /** References are expanded; the escape token works before `"`, `$` and itself and is an ordinary character elsewhere. */
  private doubleQuoted(): string {
    this.at++;
    const quote = this.options.rawQuotes ? '"' : "";
    let result = quote;
    for (let character = this.peek(); character !== undefined; character = this.peek()) {
      if (character === "$") {
        result += this.dollar();
        continue;
      }
      this.at++;
      if (character === '"') return result + quote;
      result += character === this.escape ? this.escapeInQuotes() : character;
    }
    throw syntax("unexpected end of statement while looking for matching double-quote");
  }

  private escapeInQuotes(): string {
    const kept = this.rawEscapes ? this.escape : "";
    const following = this.peek();
    if (following === undefined) return kept;
    if (following !== '"' && following !== "$" && following !== this.escape) return kept + this.escape;
    this.at++;
    return kept + following;
  }

  private dollar(): string {
    this.at++;
    if (this.peek() === "{") {
      this.at++;
      return this.braces();
    }
    const name = this.name();
    if (name === "") return "$";
    return this.lookUp(name) ?? (this.options.keepUnset ? `$${name}` : "");
  }

  private braces(): string {
    const first = this.peek();
    if (first === undefined) throw syntax("syntax error: missing '}'");
    if ("{}:".includes(first)) throw syntax("syntax error: bad substitution");
    const name = this.name();
    const operator = this.next();
    if (operator === "}") return this.lookUp(name) ?? (this.options.keepUnset ? `\${${name}}` : "");
    if (operator === ":" || (operator !== undefined && "+-?#%".includes(operator))) return this.modified(name, operator);
    if (operator === "/") return this.replaced(name);
    if (operator === undefined) throw syntax("syntax error: missing '}'");
    throw syntax(`unsupported modifier (${operator}) in substitution`);
  }

  /** `${x:-w}`, `${x-w}`, … `${x%%p}`. */
  private modified(name: string, first: string): string {
    const nullIsUnset = first === ":";
    const operator = nullIsUnset ? this.next() : first;
    if (operator === undefined) throw syntax("syntax error: missing '}'");
    const text = nullIsUnset ? first + operator : operator;
    const isPattern = operator === "#" || operator === "%";
    if (nullIsUnset && isPattern) throw syntax(`unsupported modifier (${text}) in substitution`);
    const { word } = this.until("}", isPattern);
    const value = this.lookUp(name);
    if (value === undefined && this.options.keepUnset) return `\${${name}${text}${word}}`;
    const missing = value === undefined || (nullIsUnset && value === "");
    if (operator === "-") return missing ? word : value;
    if (operator === "+") return missing ? "" : word;
    if (operator === "?") {
      if (!missing) return value;
      throw syntax(`${name}: ${word || `is not allowed to be ${value === undefined ? "unset" : "empty"}`}`);
    }
    if (!isPattern) throw syntax(`unsupported modifier (${text}) in substitution`);
    const longest = word.startsWith(operator);
    const pattern = longest ? word.slice(1) : word;
    return operator === "%" ? trimSuffix(value ?? "", pattern, longest) : trimPrefix(value ?? "", pattern, longest);
  }

  /** `${x/p/r}` and `${x//p/r}`. */
  private replaced(name: string): string {
    const all = this.peek() === "/";
    if (all) this.at++;
    const { word: pattern } = this.until("/", true);
    const { word: replacement } = this.until("}", true);
    const value = this.lookUp(name);
    if (value === undefined && this.options.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
    return replace(value ?? "", pattern, replacement, all);
  }

  /** Digits only, one special parameter, or letters, digits and underscores; empty when there is none. */
  private name(): string {
    const from = this.at;
    const first = this.peek();
    if (first === undefined) return "";
    const inName = digit.test(first) ? digit : letter;
    if (inName === letter && special.includes(first)) return this.next()!;
    while (this.at < this.characters.length && inName.test(this.peek()!)) this.at++;
    return this.characters.slice(from, this.at).join("");
  }

  private lookUp(name: string): string | undefined {
    const value = this.variables.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }
}
