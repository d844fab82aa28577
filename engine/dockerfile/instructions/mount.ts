/** `RUN --mount=…` (Dockerfile reference, "RUN --mount"): one comma-separated record to a typed mount. */

import { nearestName } from "../../suggest.ts";
import { parseRecord } from "../record.ts";
import { parseMemory } from "./memory.ts";

interface RunMountBase {
  /** As written after `--mount=`, before expansion. */
  text: string;
  target?: string;
  readOnly: boolean;
}

/** `type=bind` (the default): a directory of the context, a stage, an image or a named context. */
export interface BindMount extends RunMountBase {
  type: "bind";
  from?: string;
  source?: string;
}

/** `type=cache`: a directory that outlives the build. */
export interface CacheMount extends RunMountBase {
  type: "cache";
  /** Default: the target. */
  id?: string;
  from?: string;
  source?: string;
  sharing: "shared" | "private" | "locked";
  /** Octal in the file; default 0o755. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export interface TmpfsMount extends RunMountBase {
  type: "tmpfs";
  /** Bytes; undefined: no limit. */
  size?: number;
}

/** `type=secret`: a file, or with `env` a variable (both when there is also a target), that never reaches a layer. */
export interface SecretMount extends RunMountBase {
  type: "secret";
  /** Default: basename of the target. */
  id?: string;
  env?: string;
  required: boolean;
  /** Octal in the file; default 0o400. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export interface SshMount extends RunMountBase {
  type: "ssh";
  /** Default "default". */
  id?: string;
  required: boolean;
  /** Octal in the file; default 0o600. */
  mode?: number;
  uid?: number;
  gid?: number;
}

export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;

export interface MountReader {
  /** Absent at parse time: then only what cannot depend on a variable is read and checked. */
  expand?(value: string): string;
  /** @param field the part of the record that is wrong, when it is one */
  fail(message: string, suggestion?: string, field?: string): never;
}

interface Fields {
  type: RunMount["type"];
  from: string;
  source: string;
  target: string;
  readOnly?: boolean;
  id: string;
  sharing: string;
  required: boolean;
  size?: number;
  env?: string;
  mode?: number;
  uid?: number;
  gid?: number;
}

const types = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
const sharings = ["shared", "private", "locked"] as const;
const keys = [
  "type",
  "from",
  "source",
  "target",
  "readonly",
  "id",
  "sharing",
  "required",
  "size",
  "mode",
  "uid",
  "gid",
  "src",
  "dst",
  "destination",
  "ro",
  "rw",
  "readwrite",
  "env",
];

/** Values with one of these may be something else after expansion. */
const mayExpand = /[$'"\\`]/;

/**
 * Reads one mount. At parse time values may still hold variables, so a value with a `$` in it is left unread; after
 * expansion everything is checked.
 */
export function parseMount(text: string, reader: MountReader): RunMount {
  const fields: Fields = { type: "bind", from: "", source: "", target: "", id: "", sharing: "", required: false };
  const record = parseRecord(text);
  if (record === undefined) reader.fail(`failed to parse csv mounts: ${JSON.stringify(text)} has an unbalanced quote`);
  for (const field of record)
    readField(field, fields, { ...reader, fail: (message, suggestion) => reader.fail(message, suggestion, field) });
  if (reader.expand || !mayExpand.test(text)) check(fields, reader);
  return build(text, fields);
}

function readField(field: string, fields: Fields, reader: MountReader): void {
  const equals = field.indexOf("=");
  const key = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
  if (equals === -1) {
    readSwitch(key, field, fields, reader);
    return;
  }
  const written = field.slice(equals + 1);
  if (key === "from" && /\$./s.test(written)) reader.fail(`'${key}' doesn't support variable expansion, define alias stage instead`);
  const known = readers[key];
  if (!known) reader.fail(`unexpected key '${key}' in '${field}'`, nearestName(key, keys));
  if (!reader.expand && mayExpand.test(written)) return;
  known(reader.expand ? reader.expand(written) : written, fields, reader, key);
}

function readSwitch(key: string, field: string, fields: Fields, reader: MountReader): void {
  if (key === "readonly" || key === "ro") fields.readOnly = true;
  else if (key === "readwrite" || key === "rw") fields.readOnly = false;
  else if (key === "required") setRequired(true, fields, reader);
  else reader.fail(`invalid field '${field}' must be a key=value pair`, nearestName(key, keys));
}

type FieldReader = (value: string, fields: Fields, reader: MountReader, key: string) => void;

const source: FieldReader = (value, fields) => {
  fields.source = value;
};
const target: FieldReader = (value, fields) => {
  fields.target = value;
};
const readOnly: FieldReader = (value, fields, reader, key) => {
  fields.readOnly = parseBoolean(value) ?? reader.fail(`invalid value for ${key}: ${value}`);
};
const readWrite: FieldReader = (value, fields, reader, key) => {
  fields.readOnly = !(parseBoolean(value) ?? reader.fail(`invalid value for ${key}: ${value}`));
};
const number =
  (field: "mode" | "uid" | "gid", base: 8 | 10): FieldReader =>
  (value, fields, reader) => {
    const digits = base === 8 ? /^[0-7]+$/ : /^\d+$/;
    const parsed = Number.parseInt(value, base);
    if (!digits.test(value) || parsed > 0xffffffff) reader.fail(`invalid value ${value} for ${field}`);
    fields[field] = parsed;
  };

const readers: Record<string, FieldReader | undefined> = {
  __proto__: null as never,
  type(value, fields, reader) {
    const type = types.find((each) => each === value.toLowerCase());
    fields.type = type ?? reader.fail(`unsupported mount type ${JSON.stringify(value)}`, nearestName(value, types));
  },
  from(value, fields) {
    fields.from = value;
  },
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly: readOnly,
  ro: readOnly,
  readwrite: readWrite,
  rw: readWrite,
  required(value, fields, reader) {
    setRequired(parseBoolean(value) ?? reader.fail(`invalid value for required: ${value}`), fields, reader);
  },
  size(value, fields, reader) {
    if (fields.type !== "tmpfs") reader.fail(`unexpected key 'size' for mount type '${fields.type}'`);
    fields.size = parseMemory(value) ?? reader.fail(`invalid value for size: ${value}`);
  },
  id(value, fields) {
    fields.id = value;
  },
  sharing(value, fields, reader) {
    const known = sharings.find((each) => each === value.toLowerCase());
    fields.sharing = known ?? reader.fail(`unsupported sharing value ${JSON.stringify(value)}`, nearestName(value, sharings));
  },
  mode: number("mode", 8),
  uid: number("uid", 10),
  gid: number("gid", 10),
  env(value, fields) {
    fields.env = value;
  },
};

/** BuildKit reads the fields in order, so `type` has to come first. */
function setRequired(value: boolean, fields: Fields, reader: MountReader): void {
  if (fields.type !== "secret" && fields.type !== "ssh") reader.fail(`unexpected key 'required' for mount type '${fields.type}'`);
  fields.required = value;
}

/** Go's strconv.ParseBool. */
function parseBoolean(value: string): boolean | undefined {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(value) ? false : undefined;
}

/** Options that do not go together. */
function check(fields: Fields, { fail }: MountReader): void {
  const { type } = fields;
  if (type === "bind" || type === "tmpfs") {
    for (const key of ["mode", "uid", "gid"] as const) {
      if (fields[key] !== undefined) fail(`${key} not allowed for ${JSON.stringify(type)} type mounts`);
    }
  }
  if (type === "secret") {
    if (fields.from !== "") fail("secret mount should not have a from");
    if (fields.sharing !== "") fail("secret mount should not define sharing");
    if (fields.source === "" && fields.target === "" && fields.id === "") fail("invalid secret mount. one of source, target required");
    if (fields.source !== "" && fields.id !== "") fail("both source and id can't be set");
  }
  if (fields.sharing !== "" && type !== "cache") fail(`invalid cache sharing set for ${type} mount`);
}

function build(text: string, fields: Fields): RunMount {
  const { type } = fields;
  const some = (value: string) => (value === "" ? undefined : value);
  const base = { text, target: some(fields.target), readOnly: fields.readOnly ?? (type !== "cache" && type !== "tmpfs") };
  const owner = { mode: fields.mode, uid: fields.uid, gid: fields.gid };
  const from = some(fields.from);
  const sourcePath = some(fields.source);
  if (type === "bind") return { ...base, type, from, source: sourcePath };
  if (type === "cache")
    return { ...base, type, ...owner, id: some(fields.id), from, source: sourcePath, sharing: (fields.sharing || "shared") as "shared" };
  if (type === "tmpfs") return { ...base, type, size: fields.size };
  if (type === "secret") return { ...base, type, ...owner, id: some(fields.id) ?? sourcePath, env: fields.env, required: fields.required };
  return { ...base, type, ...owner, id: some(fields.id) ?? sourcePath, required: fields.required };
}
