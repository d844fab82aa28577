/**
 * What a kernel's terminal does for a program that has not asked for raw keys: it echoes, lets the user edit the line,
 * and hands it over at Enter (termios(3), canonical mode). A pane needs it when a container runs without a TTY.
 */

export interface Discipline {
  /** Bytes for the program. */
  deliver(bytes: Uint8Array): void;
  /** Bytes for the screen. */
  echo(bytes: Uint8Array): void;
  /** Ctrl-D at the start of a line. */
  endOfInput(): void;
  /** Ctrl-C. */
  interrupt(): void;
}

const encoder = new TextEncoder();

export class LineDiscipline {
  #line: number[] = [];
  readonly #out: Discipline;

  constructor(out: Discipline) {
    this.#out = out;
  }

  type(bytes: Uint8Array): void {
    for (const byte of bytes) this.#byte(byte);
  }

  #byte(byte: number): void {
    if (byte === 0x03) this.#interrupt();
    else if (byte === 0x04 && this.#line.length === 0) this.#out.endOfInput();
    else if (byte === 0x04) this.#flush();
    else if (byte === 0x08 || byte === 0x7f) this.#erase();
    else if (byte === 0x15) while (this.#line.length > 0) this.#erase();
    else if (byte === 0x0a || byte === 0x0d) this.#enter();
    else this.#character(byte);
  }

  #interrupt(): void {
    this.#line = [];
    this.#echo("^C\r\n");
    this.#out.interrupt();
  }

  #enter(): void {
    this.#line.push(0x0a);
    this.#echo("\r\n");
    this.#flush();
  }

  #character(byte: number): void {
    this.#line.push(byte);
    if (byte >= 0x20 || byte === 0x09) this.#out.echo(Uint8Array.of(byte));
    else this.#echo(`^${String.fromCharCode(byte + 64)}`);
  }

  /** Takes back one character: all bytes of a UTF-8 sequence. */
  #erase(): void {
    let last = this.#line.pop();
    if (last === undefined) return;
    while (last !== undefined && (last & 0xc0) === 0x80) last = this.#line.pop();
    this.#echo("\b \b");
  }

  #flush(): void {
    this.#out.deliver(Uint8Array.from(this.#line));
    this.#line = [];
  }

  #echo(text: string): void {
    this.#out.echo(encoder.encode(text));
  }
}
