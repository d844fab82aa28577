/**
 * The TUI's door. Owns the terminal for as long as it lives: raw keys, the alternate screen, mouse reports, signals, and
 * gives everything back however it ends. Loaded lazily, as Ink is most of what a program with a TUI weighs.
 */
import { type Instance, render, type SuspendTerminal } from "ink";
import { EngineError } from "../engine/errors.ts";
import type { Io, TuiFlags } from "../src/commands/command.ts";
import type { FirstFrame } from "../src/first-frame.ts";
import type { HostEngine, TuiHost } from "../src/tui-hosts.ts";
import { version as ownVersion } from "../src/version.ts";
import { readSettings } from "./config/read.ts";
import { type ResolvedSettings, resolveSettings } from "./config/resolve.ts";
import { Frame } from "./frame.tsx";
import { HostModes } from "./host-modes.ts";
import { onMouse } from "./input/mouse.ts";
import { prefixByte } from "./input/prefix.ts";
import { InputRouter } from "./input/router.ts";
import { CarriedDoor } from "./panes/carried.ts";
import { Resting } from "./resting.ts";
import { framesPerSecond } from "./store.ts";
import { createTheme, type Theme } from "./theme.ts";
import { Tui } from "./tui.ts";

export interface TuiOptions {
  engine: HostEngine;
  /** Reads which hosts there are; default: none but the engine's. */
  hosts?: () => Promise<TuiHost[]>;
  /** The state directory, for the header. */
  root: string;
  env?: Record<string, string | undefined>;
  cwd?: string;
  version?: string;
  flags?: TuiFlags;
  stdin?: NodeJS.ReadStream;
  stdout?: NodeJS.WriteStream;
  /** What may stand on the screen already. */
  frame?: FirstFrame;
  /** Every list was read once and is on the screen. */
  onLoaded?(): void;
}

const showCursor = "\x1b[?25h";
/** The alternate screen; the cursor stays where it was, behind a prompt or what was typed ahead. */
const enterAlternate = "\x1b[?1049h";
const home = "\x1b[H";
/** A write that moves and shows nothing. */
const onlyModes = /^(\x1b\[[?\d;]*[hlH])*$/;
const ends: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Runs the TUI until the user leaves it; resolves with the exit status. @throws EngineError `usage` without a terminal */
export async function runTui(options: TuiOptions): Promise<number> {
  const { env = process.env, stdin = process.stdin, stdout = process.stdout } = options;
  requireTerminal(env, stdin, stdout);
  const { settings } = resolveSettings(await readSettings(env), env, options.flags);
  const screen = new ScreenHost({ ...options, env, stdin, stdout, settings });
  return await screen.run();
}

function requireTerminal(env: Record<string, string | undefined>, stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): void {
  const hint = "use the commands instead: 'berth help' lists them";
  if (!stdin.isTTY || !stdout.isTTY) {
    const which = stdin.isTTY ? "standard output" : "standard input";
    throw new EngineError("usage", `cannot open the TUI: ${which} is not a terminal`, { hint, exit: 1 });
  }
  if (env["TERM"] === "dumb")
    throw new EngineError("usage", 'cannot open the TUI: the terminal says it is "dumb" and cannot move its cursor', { hint, exit: 1 });
}

class ScreenHost {
  #stdin: NodeJS.ReadStream;
  #stdout: NodeJS.WriteStream;
  #write: NodeJS.WriteStream["write"];
  #tui: Tui;
  #router: InputRouter;
  #modes: HostModes;
  #ink: Instance | undefined;
  #over = Promise.withResolvers<number>();
  #env: Record<string, string | undefined>;
  #theme: Theme;
  #status = 0;
  #isAway = false;
  #onLoaded: (() => void) | undefined;
  #frame: FirstFrame | undefined;
  #suspendTerminal: SuspendTerminal | undefined;
  #resting = new Resting(() => void import("../engine/sys/rest.ts").then(({ rest }) => rest(false)));

  constructor(options: TuiOptions & Required<Pick<TuiOptions, "env" | "stdin" | "stdout">> & { settings: ResolvedSettings }) {
    const { env, stdin, stdout, settings } = options;
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#write = stdout.write.bind(stdout);
    this.#env = env;
    this.#onLoaded = options.onLoaded;
    this.#frame = options.frame;
    this.#theme = createTheme(settings.theme, settings.borders);
    this.#tui = new Tui({
      engine: options.engine,
      ...(options.hosts && { hosts: options.hosts }),
      env,
      cwd: options.cwd ?? process.cwd(),
      version: options.version ?? ownVersion,
      root: options.root,
      columns: stdout.columns,
      rows: stdout.rows,
      host: {
        exit: (status) => this.#exit(status),
        redraw: () => this.#redraw(),
        suspend: () => void this.#suspend(),
        lend: (words) => this.#lend(words, options.cwd ?? process.cwd()),
        send: (sequence) => void this.#write(sequence),
      },
      settings,
    });
    this.#modes = new HostModes((sequence) => void this.#write(sequence), settings.mouse);
    this.#router = new InputRouter(stdin, prefixByte(settings.prefix), {
      onPrefix: () => this.#tui.store.set({ prefixed: true }),
      onPrefixed: (key) => this.#tui.prefixedKey(key),
      onMouse: (mouse) => onMouse(this.#tui, mouse),
      onFocus: (has) => this.#tui.panes.hostFocus(has),
      onColour: (which, colour) => this.#tui.colours.heard(which, colour),
    });
  }

  /** What the store holds is on the screen. */
  async #flushed(): Promise<void> {
    await this.#ink?.waitUntilRenderFlush();
    this.#onLoaded?.();
    this.#resting.stir();
  }

  async run(): Promise<number> {
    const tui = this.#tui;
    this.#endWithTerminal();
    const speak = silence(process.stdout, process.stderr);
    const release = this.#listen();
    try {
      this.#mount();
      const unsubscribe = tui.store.subscribe(() => {
        this.#router.focus(tui.panes.sink);
        this.#modes.follow(tui.panes.focused);
        tui.panes.followFocus();
      });
      // Ink has written the first frame before it returned: now the work.
      void tui.start().then(() => this.#flushed());
      const status = await this.#over.promise;
      unsubscribe();
      return status;
    } finally {
      release();
      tui.dispose();
      this.#modes.end();
      this.#ink?.unmount();
      await this.#ink?.waitUntilExit().catch(() => {});
      this.#write(showCursor);
      this.#router.dispose();
      speak();
    }
  }

  #mount(): void {
    this.#ink = render(<Frame tui={this.#tui} theme={this.#theme} onMount={(suspend) => (this.#suspendTerminal = suspend)} />, {
      stdin: this.#router.proxy,
      stdout: inkStream(this.#stdout, this.#firstOverKept()),
      alternateScreen: true,
      incrementalRendering: true,
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: framesPerSecond,
    });
    this.#ink.waitUntilExit().then(
      () => this.#over.resolve(this.#status),
      (error) => this.#over.reject(error),
    );
    this.#modes.begin();
  }

  /** How to write at first: over what the program before it was loaded has shown, which may not be this any more. */
  #firstOverKept(): NodeJS.WriteStream["write"] {
    const isShown = this.#frame?.take() ?? false;
    let isOver = false;
    return ((data: string | Uint8Array, ...rest: []) => {
      if (isOver || typeof data !== "string") return this.#write(data, ...rest);
      if (onlyModes.test(data)) return this.#write(isShown ? data.replace(enterAlternate, "") : data, ...rest);
      isOver = true;
      const written = this.#write(isShown ? `\x1b[2J${home}${data}` : data, ...rest);
      this.#frame?.keep(data);
      return written;
    }) as NodeJS.WriteStream["write"];
  }

  /** A terminal that is gone fails whatever is still done with it, also while all is put away: that is its end, and no fault. */
  #endWithTerminal(): void {
    const lost = () => this.#exit(ends.SIGHUP!);
    for (const event of ["error", "end", "close"]) this.#stdin.on(event, lost);
    this.#stdout.on("error", lost);
  }

  #listen(): () => void {
    const onSignal = (signal: NodeJS.Signals) => {
      if (!(this.#isAway && signal === "SIGINT")) this.#exit(ends[signal] ?? 1); // Ctrl-C is for the program that has the terminal
    };
    const onInput = () => this.#resting.stir();
    this.#stdin.on("data", onInput);
    const onStop = () => void this.#suspend();
    const onCrash = (error: unknown) => this.#over.reject(error);
    const onResize = () => {
      this.#clear();
      this.#tui.resize(this.#stdout.columns, this.#stdout.rows);
    };
    for (const signal of Object.keys(ends) as NodeJS.Signals[]) process.on(signal, onSignal);
    process.on("SIGTSTP", onStop);
    process.on("uncaughtException", onCrash);
    process.on("unhandledRejection", onCrash);
    this.#stdout.on("resize", onResize);
    return () => {
      for (const signal of Object.keys(ends) as NodeJS.Signals[]) process.off(signal, onSignal);
      process.off("SIGTSTP", onStop);
      process.off("uncaughtException", onCrash);
      process.off("unhandledRejection", onCrash);
      this.#stdout.off("resize", onResize);
      this.#stdin.off("data", onInput);
      this.#resting.dispose();
    };
  }

  #exit(status: number): void {
    this.#status = status;
    this.#over.resolve(status);
  }

  /** An empty screen, for Ink too: the next frame is written whole. */
  #clear(): void {
    this.#write("\x1b[2J\x1b[H");
    this.#ink?.clear();
  }

  /** Everything anew: another program may have written on the terminal. */
  #redraw(): void {
    this.#clear();
    this.#tui.store.set({ revision: this.#tui.state.revision + 1 });
  }

  /** Gives the terminal back, stops this process, and takes the terminal again when it goes on (fg). */
  async #suspend(): Promise<void> {
    await this.#away(async () => {
      const resumed = new Promise<void>((resolve) => process.once("SIGCONT", () => resolve()));
      process.kill(0, "SIGSTOP"); // the whole job, as the terminal's own Ctrl-Z: npm start waits for us, too
      await resumed;
    });
  }

  /** Runs a program of the host in the terminal. */
  async #lend(words: readonly string[], cwd: string): Promise<void> {
    const { startProgram } = await import("../src/repl/run/host-program.ts");
    const io = { cwd, env: this.#env } as Io;
    await this.#away(async () => {
      await startProgram(words, { io, signal: new AbortController().signal, fed: false, read: false }).end;
    });
  }

  /** One at a time: a key that was typed before the terminal was gone asks for it once more. */
  async #away(meanwhile: () => Promise<void>): Promise<void> {
    if (this.#isAway) return;
    this.#modes.end();
    this.#isAway = true;
    await this.#suspendTerminal?.(meanwhile);
    this.#isAway = false;
    this.#modes.begin();
    this.#modes.follow(this.#tui.panes.focused);
    this.#tui.resize(this.#stdout.columns, this.#stdout.rows);
  }
}

/**
 * The terminal without its resize events. Ink would draw the old frame at the new size first; the host clears the
 * screen and changes the state, which draws the right frame once. What was carried through Ink is unpacked.
 */
function inkStream(stdout: NodeJS.WriteStream, write: NodeJS.WriteStream["write"]): NodeJS.WriteStream {
  const subscribe = (event: string, listener: () => void) => (event === "resize" ? stdout : stdout.on(event, listener));
  const door = new CarriedDoor();
  const placed = (text: string) => (text.startsWith(enterAlternate) ? text.replace(enterAlternate, `${enterAlternate}${home}`) : text);
  const unpacked = ((data: string | Uint8Array, ...rest: []) =>
    write(typeof data === "string" ? placed(door.unpack(data)) : data, ...rest)) as NodeJS.WriteStream["write"];
  return Object.create(stdout, { on: { value: subscribe }, write: { value: unpacked } }) as NodeJS.WriteStream;
}

/** Whatever a library has to say would stand in the middle of the screen, and stay. Returns what ends it. */
function silence(...streams: NodeJS.WriteStream[]): () => void {
  const terminals = streams.filter(({ isTTY }) => isTTY);
  for (const stream of terminals) {
    stream.write = ((_data: unknown, encoding?: unknown, done?: unknown) => {
      const called = [encoding, done].find((each) => typeof each === "function") as (() => void) | undefined;
      if (called) queueMicrotask(called);
      return true;
    }) as NodeJS.WriteStream["write"];
  }
  return () => {
    for (const stream of terminals) Reflect.deleteProperty(stream, "write"); // its class has one
  };
}
