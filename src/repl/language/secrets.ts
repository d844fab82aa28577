/** Secrets in command lines: found by the flags that take them and by the names of variables, and hidden. Pure. */
import { bare } from "./statement.ts";
import { lex, type Word } from "./words.ts";

/** Names of what is secret: DB_PASSWORD, GITHUB_TOKEN, AWS_SECRET_ACCESS_KEY, apiKey, PGPASS. */
export const secretName = /pass(w(or)?d|phrase)?$|passw|secret|token|credential|api_?key|access_?key|private_?key|auth$/i;
/** Flags whose value is NAME=VALUE. */
const pairFlags = /^(-e|--env|--build-arg)$/;
const urlWithPassword = /^([a-z][\w+.-]*:\/\/[^/\s:@]*:)([^/\s@]+)(@.*)$/is;

/** A secret of a source, and the variable of the environment that may stand for it. */
export interface Secret {
  start: number;
  end: number;
  name: string;
  /** What stands around the variable: a pair's name in quotes, the joint of a <<END. */
  around?: [string, string];
}

/** Finds the secrets of a source, in its order. What stands there as a variable is none. */
function secretsIn(source: string): Secret[] {
  try {
    return lex(source).flatMap(({ words }) => secretsOf(words, source));
  } catch {
    return []; // no statement at all, as it does not end
  }
}

function secretsOf(words: readonly Word[], source: string): Secret[] {
  const isLogin = words.some((word) => bare(word) === "login");
  const found: Secret[] = [];
  for (const [at, word] of words.entries()) {
    const before = bare(words[at - 1]);
    const text = source.slice(word.start, word.end);
    const isPassword = (isLogin && before === "-p") || /^--(registry-)?(password|token|secret)$/.test(before);
    if (isLogin && before === "<<")
      found.push({ start: words[at - 1]!.start, end: word.end, name: "PASSWORD", around: ["<<END\n", "\nEND"] });
    else if (isPassword && !isVariable(word)) found.push({ start: word.start, end: word.end, name: "PASSWORD" });
    else if (before === ":=" && secretName.test(bare(words[at - 2])))
      found.push({ start: word.start, end: lastOf(words, at).end, name: bare(words[at - 2]).toUpperCase() });
    else found.push(...within(text, word, isLogin, before));
  }
  return found.filter(({ start, end }, at) => end > start && !found.slice(0, at).some((other) => other.end >= end));
}

/** The last word of a text that begins at a word. */
function lastOf(words: readonly Word[], at: number): Word {
  const brace = words.findIndex((word, index) => index > at && bare(word) === "}");
  return words[(brace < 0 ? words.length : brace) - 1]!;
}

/** `--password=x`, `-px`, `NAME=x`, `https://user:x@host`. */
function within(text: string, word: Word, isLogin: boolean, before: string): Secret[] {
  const from = (length: number, name: string) => [{ start: word.start + length, end: word.end, name }];
  const [flag] = /^--(?:registry-)?(?:password|token|secret)=(?!\$)/.exec(text) ?? (isLogin ? (/^-p=?(?=[^=$])/.exec(text) ?? []) : []);
  if (flag) return from(flag.length, "PASSWORD");
  const [pair, head = "", quote, name = ""] =
    /^((?:--(?:env|build-arg)=|-e)?)(['"]?)([A-Za-z_][\w.-]*)=(?!['"]?\$|['"]?$)/.exec(text) ?? [];
  const isPair = pairFlags.test(before) || head !== "";
  if (pair && isPair && secretName.test(name)) {
    const [secret] = from(quote ? head.length : pair.length, name.toUpperCase().replace(/\W/g, "_"));
    return [quote ? { ...secret!, around: [`"${name}=`, '"'] } : secret!];
  }
  const [url, front, password] = urlWithPassword.exec(text) ?? [];
  return url && !password!.startsWith("$")
    ? [{ start: word.start + front!.length, end: word.start + front!.length + password!.length, name: "PASSWORD" }]
    : [];
}

function isVariable({ parts }: Word): boolean {
  return parts.length > 0 && parts.every(({ kind }) => kind === "variable");
}

export function hasSecrets(source: string): boolean {
  return secretsIn(source).length > 0;
}

/** The secrets themselves. */
export function secretTexts(source: string): string[] {
  return secretsIn(source).map(({ start, end }) => source.slice(start, end).replace(/^(['"])(.*)\1$/s, "$2"));
}

/** A source whose secrets are read from the environment instead. */
export function withoutSecrets(source: string, instead = (name: string) => `\${env.${name}}`): string {
  let safe = "";
  let at = 0;
  for (const { start, end, name, around = ["", ""] } of secretsIn(source)) {
    safe += source.slice(at, start) + around[0] + instead(name) + around[1];
    at = end;
  }
  return safe + source.slice(at);
}

/** The words of a command line for others to see. */
export function hiddenWords(words: readonly string[]): string[] {
  const isLogin = words.includes("login");
  return words.map((word, at) => {
    const before = words[at - 1] ?? "";
    if ((isLogin && before === "-p") || /^--(registry-)?(password|token|secret)$/.test(before)) return "***";
    const [name, pair] = [
      /^(?:--(?:env|build-arg)=|-e)?([A-Za-z_][\w.-]*)=/.exec(word),
      pairFlags.test(before) || /^(--(env|build-arg)=|-e\w)/.test(word),
    ];
    if (/^--(registry-)?(password|token|secret)=/.test(word)) return word.replace(/=.*/s, "=***");
    if (isLogin && /^-p./.test(word)) return "-p***";
    if (name && pair && secretName.test(name[1]!)) return `${name[0]}***`;
    return word.replace(urlWithPassword, "$1***$3");
  });
}
