/**
 * What looks like somebody's secret: a small set of forms that hardly anything else has. Keys by their armour and a line of their body,
 * tokens by the prefixes that their makers gave them so that they be found, credentials in the files that programs keep them in.
 * What is found is named by its kind and place; its text goes nowhere. Patterns are bounded, as the texts are anybody's.
 */

export interface SecretFound {
  kind: string;
  /** From 1. */
  line: number;
}

interface Form {
  kind: string;
  pattern: RegExp;
  /** Only in files of these paths. */
  of?: RegExp;
}

const forms: readonly Form[] = [
  {
    kind: "private key",
    // Armour alone is in every program that reads keys: a line of the key must follow, after headers and, in JSON, "\n".
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|\s){1,4}(?:[A-Za-z-]{1,40}: [^\n]{1,200}\n\s{0,2}){0,5}[A-Za-z0-9+/=]{40}/,
  },
  { kind: "private key", pattern: /^PuTTY-User-Key-File-[23]: /m },
  { kind: "age secret key", pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/ },
  { kind: "AWS access key", pattern: /\b(?:AKIA|ASIA)(?![A-Z2-7]{9}EXAMPLE)[A-Z2-7]{16}\b/ },
  {
    kind: "AWS secret key",
    pattern: /aws_?secret_?access_?key["']?\s{0,4}[=:]\s{0,4}["']?(?![A-Za-z0-9/+]{30}EXAMPLEKEY)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/i,
  },
  { kind: "GitHub token", pattern: /\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/ },
  { kind: "GitLab token", pattern: /\bgl(?:pat|ptt|dt|rt)-[A-Za-z0-9_-]{20,64}/ },
  { kind: "Slack token", pattern: /\bxox[abeoprs]-[0-9]{6,14}-[0-9A-Za-z-]{10,240}/ },
  { kind: "Slack webhook", pattern: /hooks\.slack\.com\/services\/T[A-Z0-9]{6,14}\/B[A-Z0-9]{6,14}\/[A-Za-z0-9]{20,40}/ },
  { kind: "npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { kind: "PyPI token", pattern: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/ },
  { kind: "Stripe key", pattern: /\b[rs]k_live_[0-9A-Za-z]{24,}/ },
  { kind: "Kubernetes client key", pattern: /client-key-data:\s{0,4}[A-Za-z0-9+/=]{40}/ },
  { kind: "npm credentials", of: /\/\.?npmrc$/, pattern: /_(?:authToken|auth|password)\s{0,4}=\s{0,4}["']?[A-Za-z0-9+/=_.-]{8,}/ },
  { kind: "PyPI credentials", of: /\/\.pypirc$/, pattern: /^\s{0,8}password\s{0,4}[=:]\s{0,4}\S/m },
  {
    kind: "registry credentials",
    of: /\/(?:\.docker\/config\.json|\.dockercfg|\.dockerconfigjson|containers\/auth\.json)$/,
    pattern: /"(?:auth|identitytoken|registrytoken|password)"\s{0,8}:\s{0,8}"[^"]{4}/,
  },
  { kind: "passwords", of: /\/[._]netrc$/, pattern: /\bpassword\s{1,8}\S/ },
  { kind: "passwords", of: /\/\.pgpass$/, pattern: /^(?:[^\n:#]{1,200}:){4}\S/m },
  {
    kind: "git credentials",
    of: /\/(?:\.git-credentials|\.git\/config|\.?gitconfig)$/,
    pattern: /https?:\/\/[^\s:@/]{1,200}:[^\s@/]{1,400}@/,
  },
];

/** One look tells that most texts have none of the forms that may be anywhere. */
const any = new RegExp(
  forms
    .filter(({ of }) => !of)
    .map(({ pattern }) => `(?:${pattern.source})`)
    .join("|"),
  "im",
);

/** Private by their names, whatever their form. */
const privateFiles = /\/id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/;

/** @param path absolute; "" for a text that is no file's */
export function secretsIn(text: string, path = ""): SecretFound[] {
  const here = forms.filter(({ of }) => of?.test(path));
  const found = [...here, ...(any.test(text) ? forms.filter(({ of }) => !of) : [])].flatMap(({ kind, pattern }) => {
    const match = pattern.exec(text);
    return match ? [{ kind, line: lineOf(text, match.index) }] : [];
  });
  return found.length === 0 && text !== "" && privateFiles.test(path) ? [{ kind: "private key", line: 1 }] : found;
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** A whole word of a variable's name; what BuildKit's SecretsUsedInArgOrEnv looks for, less what public things are called, too. */
const secretName = /(?:_|^)(?:apikey|credentials?|passwd|password|pword|secret|token)(?:_|$)/i;
const harmlessName = /(?:_|^)(?:public|file|path|dir|url|ttl|length|name|type|expiry)(?:_|$)/i;

/** A variable that holds what its name says: no path of a file, no reference to another, no switch. */
export function isSecretVariable(name: string, value: string): boolean {
  if (!secretName.test(name) || harmlessName.test(name)) return false;
  return value.length >= 4 && !/^(?:[/$.]|true$|false$|none$|null$|\d+$)/i.test(value);
}
