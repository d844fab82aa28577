/** Keys as files: read, written so that nobody else reads them, and the password that opens them. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { Context, FlagSpec, Input } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { askLine } from "../system/ask-line.ts";

export const outputFlag: FlagSpec = {
  name: "output",
  short: "o",
  type: "string",
  placeholder: "PREFIX",
  default: "berth",
  help: "Write PREFIX.key and PREFIX.pub",
  subject: "file",
};

/** Bytes: a chain of certificates is some kilobytes. */
const largest = 1 << 20;

/** @throws EngineError `invalid`, `system` */
export function readText({ io }: Context, file: string): string {
  try {
    const text = readFileSync(resolve(io.cwd, file), "utf8");
    if (text.length <= largest) return text;
  } catch (error) {
    throw toEngineError(error, `cannot read "${file}"`);
  }
  throw new EngineError("invalid", `cannot read "${file}": it is larger than 1 MB, and no key`);
}

/**
 * Of a private key: from the environment, or typed without an echo.
 * @param isNew it is asked for twice
 * @throws EngineError `usage` where nobody can be asked, `cancelled`
 */
export async function keyPassword({ io, signal }: Context, { isNew = false, name = "" } = {}): Promise<string> {
  const given = io.env["BERTH_KEY_PASSWORD"] ?? io.env["COSIGN_PASSWORD"];
  if (given !== undefined) return given;
  const { terminal } = io.streams;
  if (!terminal)
    throw new EngineError("usage", "cannot ask for the key's password: this is no terminal", {
      exit: 1,
      hint: "set BERTH_KEY_PASSWORD or COSIGN_PASSWORD",
    });
  const password = await askLine(terminal, `Password for the ${isNew ? "new key" : `key "${name}"`}: `, { signal, hidden: true });
  if (isNew && (await askLine(terminal, "Password again: ", { signal, hidden: true })) !== password)
    throw new EngineError("invalid", "the two passwords are not the same");
  return password;
}

/** What `key generate` and `key import` answer. */
export interface KeyPair {
  PrivateKey: string;
  PublicKey: string;
  /** SHA-256 of the public half. */
  KeyId: string;
  Kind: string;
}

/** Two new files. @throws EngineError `conflict` when one is there already: a key that is overwritten is lost */
export function writeKeyPair({ io }: Context, input: Input, pair: { private: string; public: string; id: string; kind: string }): KeyPair {
  const prefix = textOf(input, "output") ?? "berth";
  const files = { key: `${prefix}.key`, pub: `${prefix}.pub` };
  const write = (file: string, text: string, mode: number) => {
    try {
      writeFileSync(resolve(io.cwd, file), text, { mode, flag: "wx", flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw toEngineError(error, `cannot write "${file}"`);
      throw new EngineError("conflict", `cannot write "${file}": the file exists`, { hint: "name others with --output PREFIX" });
    }
  };
  write(files.key, pair.private, 0o600);
  write(files.pub, pair.public, 0o644);
  return { PrivateKey: files.key, PublicKey: files.pub, KeyId: pair.id, Kind: pair.kind };
}

export const keyPairLines = ({ PrivateKey, PublicKey, KeyId, Kind }: KeyPair): string[] => [
  `Private key: ${PrivateKey} (${Kind}, encrypted)`,
  `Public key:  ${PublicKey}`,
  `Id:          ${KeyId}`,
];
