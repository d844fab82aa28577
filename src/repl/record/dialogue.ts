/**
 * What a person did at a terminal as statements of a script: what was typed is sent, after that was written which the person
 * saw. A pattern is as little as will be the same the next time; what was not echoed is a secret. Pure.
 */
import { secretName } from "../language/index.ts";
import { isSecretText, scrubbed, stableParts } from "./volatile.ts";

/** What came, from either side, in its order. */
export interface Heard {
  from: "person" | "program";
  text: string;
}

/** Answers of the person's terminal to questions of the program: where the cursor is, what it can do, whether it has the focus. */
const answers = /\x1b\[\d+;\d+R|\x1b\[[?>][\d;]*c|\x1b\[[IO]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[20[01]~/g;
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[ -/]*[0-Z\\^-~])/g;
/** Keys that act at once, without Return: ^C ^D ^Z ^\ */
const atOnce = /[\x03\x04\x1a\x1c]/;
/** More of a line is no prompt. */
const longest = 60;

/**
 * A terminal's part of a recording, after its `spawn`.
 * @param secrets texts that nothing of it may hold: what is found to be one is added
 */
export function dialogueOf(heard: readonly Heard[], session: string, secrets: Set<string> = new Set()): string[] {
  const dialogue = new Dialogue(session, secrets);
  for (const { from, text } of heard) {
    if (from === "program") dialogue.wrote(text);
    else for (const key of keysOf(text.replace(answers, ""))) dialogue.typed(key);
  }
  return dialogue.end();
}

/** Keys one by one: an escape sequence is one. */
function keysOf(text: string): string[] {
  return text.match(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)|[\s\S]/gu) ?? [];
}

class Dialogue {
  readonly #session: string;
  readonly #secrets: Set<string>;
  readonly #lines: string[] = [];
  /** Written since the last line was sent. */
  #unread = "";
  /** Of the line that is being typed. */
  #keys = "";
  /** What came while it was typed, and up to the end of its line. */
  #echo = "";
  /** Of the line that comes, what was written since the last one was entered. */
  #since = "";
  /** Lines that were entered, and not answered yet: some are typed ahead. */
  readonly #entered: string[] = [];
  #prompt = "";

  constructor(session: string, secrets: Set<string>) {
    this.#session = session;
    this.#secrets = secrets;
  }

  wrote(text: string): void {
    const lines = text.replace(escapes, "").split("\n");
    const last = lines.pop()!;
    for (const line of lines) {
      if (this.#entered.length === 0 && !this.#keys) this.#unread += `${line}\n`;
      else {
        this.#echo += line;
        this.#send();
      }
    }
    if (this.#entered.length === 0 && !this.#keys) this.#unread += last;
    else this.#echo += last;
    if (this.#entered.length > 0) this.#since = last;
  }

  typed(key: string): void {
    if (this.#entered.length === 1 && !this.#keys && this.#since) this.#answeredOnLine();
    if (!this.#keys && this.#entered.length === 0) this.#await();
    if (key === "\r" || key === "\n") {
      this.#entered.push(this.#keys);
      this.#since = "";
      this.#keys = "";
      return;
    }
    this.#keys = key === "\x7f" || key === "\b" ? this.#keys.slice(0, -1) : this.#keys + key;
    if (atOnce.test(key)) {
      while (this.#entered.length > 0) this.#send();
      this.#send();
    }
  }

  end(): string[] {
    while (this.#entered.length > 0 || this.#keys) this.#send();
    return this.#lines;
  }

  /** It went on without a line end, as after a password: what it wrote then is seen before the next key. */
  #answeredOnLine(): void {
    const answer = this.#since;
    this.#send();
    this.#unread = answer;
  }

  /** What the person had seen before typing: the answer to the line before, and the prompt. */
  #await(): void {
    const lines = this.#unread.replace(/\r+\n/g, "\n").split("\n");
    const last = lines.pop()!.split("\r").at(-1)!.trim();
    this.#unread = "";
    const answer = lines.map((line) => line.trim()).findLast((line) => line !== "");
    if (answer && isStable(answer)) this.#expect(answer);
    this.#prompt = last;
    const pattern = stableParts(last)
      .map((part) => part.trim())
      .findLast((part) => part !== "");
    if (pattern) this.#expect(pattern.slice(-longest));
  }

  #expect(text: string): void {
    // What stands between slashes is a regular expression.
    const plain = text.startsWith("/") && /\/[a-z]*$/.test(text.slice(1)) ? text.slice(1).trim() : text;
    if (plain && ![...this.#secrets].some((secret) => plain.includes(secret)))
      this.#lines.push(`expect @${this.#session} ${quoted(plain)}`);
  }

  /** The first line that was entered, else what is typed of one. */
  #send(): void {
    const line = this.#entered.shift();
    const text = line ?? this.#keys;
    if (line === undefined) this.#keys = "";
    const isSecret = this.#isSecret(text);
    if (isSecret && isSecretText(text)) this.#secrets.add(text);
    const word = isSecret ? `"\${env.${nameOf(this.#prompt)}}"` : typedWord(text);
    this.#lines.push(`${line === undefined ? "send" : "sendline"} @${this.#session}${text === "" ? "" : ` ${word}`}`);
    this.#echo = "";
  }

  /** What the terminal did not show as it was typed, or was asked for by such a name. */
  #isSecret(text: string): boolean {
    const printable = text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)|[\x00-\x1f\x7f]/g, "");
    if (printable === "" || text.includes("\t")) return false;
    if (/pass(word|phrase|code)|secret|token|\bpin\b/i.test(this.#prompt)) return true;
    return !/[\x00-\x1f]/.test(text) && !isWithin(printable, this.#echo);
  }
}

/** Are the characters of a text all in another, in their order? */
function isWithin(text: string, other: string): boolean {
  let at = -1;
  return [...text].every((character) => (at = other.indexOf(character, at + 1)) >= 0);
}

/** A line without digits, and nothing that differs from run to run. */
function isStable(line: string): boolean {
  return (
    line.length <= longest &&
    /[A-Za-z]{2}/.test(line) &&
    !/[\d\x00-\x1f]/.test(line) &&
    stableParts(line).length === 1 &&
    scrubbed(line) === line
  );
}

function nameOf(prompt: string): string {
  const [word] = /[A-Za-z]*(?:pass(?:word|phrase|code)|secret|token|pin)[A-Za-z]*/i.exec(prompt) ?? ["PASSWORD"];
  return word.toUpperCase();
}

/** `'literal'`, as the lexer reads it back. */
function quoted(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) && !/^[@-]|^(or|closed|eof|timeout)$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const names: Record<string, string> = {
  "\r": "\\r",
  "\n": "\\n",
  "\t": "\\t",
  "\x1b": "\\e",
  "\b": "\\b",
  "\0": "\\0",
  "\\": "\\\\",
  "^": "\\^",
};

/** What was typed in the notation of `send`; values of names that tell of secrets are read from the environment. */
function typedWord(text: string): string {
  const written = [...text].map((each) => names[each] ?? (each < " " ? `^${String.fromCharCode(each.charCodeAt(0) + 64)}` : each)).join("");
  const parts = written.split(/(?<![\w])([A-Za-z_]\w*)=(\S+)/);
  let word = "";
  for (let at = 0; at < parts.length; at += 3) {
    const [plain = "", name, value = ""] = parts.slice(at, at + 3);
    if (plain) word += quoted(plain);
    if (name === undefined) continue;
    word += secretName.test(name) ? `'${name}='"\${env.${name.toUpperCase()}}"` : quoted(`${name}=${value}`);
  }
  return word;
}
