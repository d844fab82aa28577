/** The flags of `run` and `create`, and how they become docker's ContainerCreate body. */
import type { ContainerCreate } from "../../../../engine/index.ts";
import type { FlagSpec, Input, Io } from "../../command.ts";
import type { Draft } from "./draft.ts";
import { identity } from "./identity.ts";
import { lifecycle } from "./lifecycle.ts";
import { mounts } from "./mounts.ts";
import { network } from "./network.ts";
import { ports } from "./ports.ts";
import { resources } from "./resources.ts";
import { security } from "./security.ts";
import { throttles } from "./throttles.ts";
import { unsupported } from "./unsupported.ts";

const groups = [identity, ports, mounts, network, resources, throttles, security, lifecycle, unsupported];

/** Every flag that describes a container. */
export const containerFlags: FlagSpec[] = groups.flatMap((group) => group.flags);

/**
 * The body for `IMAGE [COMMAND] [ARG…]` with flags.
 * @throws EngineError `usage` for values that make no sense, before anything is created
 */
export function toContainerCreate(input: Input, io: Pick<Io, "cwd" | "env"> & Partial<Pick<Io, "streams">>): ContainerCreate {
  const [image = "", ...command] = input.args;
  const draft: Draft = { create: { Image: image }, host: {}, endpoints: {}, cwd: io.cwd, env: io.env };
  for (const group of groups) group.apply(input, draft);
  if (command.length > 0) draft.create.Cmd = command;
  const terminal = draft.create.Tty ? io.streams?.terminal : undefined;
  if (terminal) draft.host.ConsoleSize = [terminal.rows, terminal.columns];
  return withoutUndefined({ ...draft.create, HostConfig: withoutUndefined(draft.host) });
}

/** Flags whose values are files: a line before may make them, and a pipe is read once. */
const files = ["env-file", "label-file", "security-opt"];

/** See CommandSpec.verify. */
export function verifyContainer(input: Input, io: Pick<Io, "cwd" | "env">): void {
  const flags = Object.fromEntries(Object.entries(input.flags).filter(([name]) => !files.includes(name)));
  toContainerCreate({ ...input, flags }, io);
}

/** Absent members stay absent, so that an image's or docker's default can fill them. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
