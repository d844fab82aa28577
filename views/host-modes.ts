/** The modes of the user's terminal: those that the screen needs, and those that follow the program which has the keyboard (mouse, focus, the cursor's look). */
import type { Pane } from "./panes/pane.ts";

/** xterm's mouse modes: each one begins where another ends. Coordinates as SGR (1006). */
const mouseModes = { drag: 1002, any: 1003 } as const;

interface Modes {
  mouse: keyof typeof mouseModes;
  focus: boolean;
  /** As DECSCUSR counts; 0 is the terminal's own. */
  cursor: number;
}

/** A drag selects, in logs and in terminals whose program leaves the mouse alone. */
const plain: Modes = { mouse: "drag", focus: false, cursor: 0 };

function modesFor(pane: Pane | undefined): Modes {
  if (!pane) return plain;
  return {
    mouse: pane.mouseTracking === "any" ? "any" : "drag",
    focus: pane.wantsFocus,
    cursor: pane.cursorShape,
  };
}

export class HostModes {
  #send: (sequence: string) => void;
  #now: Modes = plain;
  #mouse: boolean;

  /** @param mouse take the mouse at all */
  constructor(send: (sequence: string) => void, mouse: boolean) {
    this.#send = send;
    this.#mouse = mouse;
  }

  /** Takes the terminal. */
  begin(): void {
    this.#send("\x1b[?7l"); // what is wider here than it was measured ends at the edge, and moves no other row
    if (this.#mouse) this.#send("\x1b[?1000h\x1b[?1002h\x1b[?1006h"); // buttons at least, where drags are not known
  }

  /** @param pane the one that has the keyboard */
  follow(pane: Pane | undefined): void {
    const before = this.#now;
    const next = modesFor(pane);
    this.#now = next;
    if (this.#mouse && next.mouse !== before.mouse) this.#send(`\x1b[?${mouseModes[before.mouse]}l\x1b[?${mouseModes[next.mouse]}h`);
    if (next.focus !== before.focus) this.#send(`\x1b[?1004${next.focus ? "h" : "l"}`);
    if (next.cursor !== before.cursor) this.#send(`\x1b[${next.cursor} q`);
  }

  /** Gives the terminal back. */
  end(): void {
    this.follow(undefined);
    if (this.#mouse) this.#send("\x1b[?1006l\x1b[?1002l\x1b[?1000l");
    this.#send("\x1b[?7h");
  }
}
