/** Further processes of a container: made, started once, looked at. */
import { aborted } from "../../aborted.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import { messageOf } from "../answers.ts";
import { execCreate, execStart } from "../container-shapes.ts";
import { deliver, sidesOf } from "../frames.ts";
import { hijackedType } from "../media-types.ts";
import { side } from "../parameters.ts";
import { type Call, created, ok, type Route, route } from "../route.ts";

interface Start {
  Detach?: boolean;
  Tty?: boolean;
  ConsoleSize?: number[];
}

const sizeOf = (size: readonly number[] | undefined) =>
  size?.length === 2 && size.every(Boolean) ? { size: { rows: size[0]!, columns: size[1]! } } : {};

async function start(call: Call<unknown, Start | undefined>) {
  const { engine, path, body: { Detach = false, ConsoleSize } = {} } = call;
  const id = path["id"]!;
  const { Running, ExitCode, OpenStdin, OpenStdout, OpenStderr, ProcessConfig, ContainerID } = await engine.execs.inspect(id);
  if (Running) throw new EngineError("conflict", `exec command ${id} is already running`);
  if (ExitCode !== null) throw new EngineError("conflict", `exec command ${id} has already run`);
  // Once the connection is taken over, a status can no longer say so.
  const { State } = await engine.containers.inspect(ContainerID);
  if (State.Paused) throw new EngineError("conflict", `Container ${ContainerID} is paused, unpause the container before exec`);
  if (!State.Running) throw new EngineError("not-running", `Container ${ContainerID} is not running`);
  const size = call.version >= 142 ? sizeOf(ConsoleSize) : {};
  if (Detach) {
    await engine.execs.start(id, { detach: true, ...size });
    return { status: 200, text: "" };
  }
  const tty = ProcessConfig.tty;
  const connection = call.hijack(hijackedType(tty, call));
  connection.on("error", () => {});
  void call.exchange.tell();
  const sides = sidesOf(connection, tty, { stdout: OpenStdout, stderr: OpenStderr });
  if (!OpenStdin) connection.resume();
  try {
    // A client that goes leaves the process, as with docker's daemon; so does a server that stops.
    const ended = engine.execs.start(id, { streams: { ...sides, ...(OpenStdin && { stdin: connection }) }, ...size });
    await Promise.race([ended, aborted(call.signal)]);
  } catch (error) {
    await deliver(sides.stdout, Buffer.from(`${messageOf(toEngineError(error))}\r\n`));
  } finally {
    connection.end();
    connection.resume();
  }
  return undefined;
}

export const execRoutes: readonly Route[] = [
  route("POST /containers/{id}/exec", {
    summary: "Make a further process of a running container; nothing runs yet",
    body: execCreate,
    async handle({ engine, path, body: { ConsoleSize: _size, Cmd = [], ...config } = {} }) {
      if (Cmd.length === 0) throw new EngineError("invalid", "No exec command specified");
      const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== ""));
      // Who does not say that he reads a stream does not: berth itself reads both.
      return created(await engine.execs.create(path["id"]!, { AttachStdout: false, AttachStderr: false, ...given, Cmd }));
    },
  }),
  route("POST /exec/{id}/start", {
    summary: "Start it, and stay with it unless Detach says otherwise",
    body: execStart,
    hijacks: true,
    handle: start,
  }),
  route("POST /exec/{id}/resize", {
    summary: "Set the size of its terminal",
    query: { h: side("Rows", "height"), w: side("Columns", "width") },
    async handle({ engine, path, query: { h, w } }) {
      await engine.execs.resize(path["id"]!, { rows: h, columns: w });
      return { status: 200, text: "" };
    },
  }),
  route("GET /exec/{id}/json", {
    summary: "Inspect it",
    async handle({ engine, path }) {
      const { ProcessConfig, ...exec } = await engine.execs.inspect(path["id"]!);
      const { user, ...process } = ProcessConfig;
      return ok({ ...exec, ProcessConfig: { ...process, ...(user && { user }) } });
    },
  }),
];
