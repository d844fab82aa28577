/**
 * Styles that Ink does not know. It keeps the sixteen common ones and hyperlinks (OSC 8) right through clipping and partial
 * redraws; blinking and the other underlines would reset all that stands beside them. So they travel through it as parameters of
 * a hyperlink, together with the program's own link, and become what they are at the terminal's door.
 */

export interface Carried {
  blink: boolean;
  /** As SGR 4:n counts: 2 double, 3 curly, 4 dotted, 5 dashed; 0 for none and for the common one. */
  underline: number;
  /** The address of a hyperlink, "" for none. */
  link: string;
}

const mark = "berth";
const end = "\x1b]8;;\x07";
const carriers = new RegExp(`\\x1b\\]8;(?:${mark}([01])([0-5]):(\\w*))?;([^\\x07\\x1b]*)\\x07`, "g");

/** The sequence that begins it within a row; "" when there is nothing to carry. @param id what joins pieces of one link */
export function carry({ blink, underline, link }: Carried, id: number): string {
  if (!blink && underline === 0 && !link) return "";
  return `\x1b]8;${mark}${blink ? 1 : 0}${underline}:${link ? id : ""};${link}\x07`;
}

/** Addresses that mean the same to the user's machine as to the program, in characters that end no sequence; "" otherwise. */
export function safeLink(address: string): string {
  return /^(?:https?|ftp|mailto):[\x21-\x3a\x3c-\x7e;]{1,2000}$/.test(address) ? address : "";
}

/** The door: one for a terminal, as what it has open decides what is to be closed. */
export class CarriedDoor {
  #styled = false;
  #linked = false;

  unpack(text: string): string {
    if (!text.includes("\x1b]8;")) return text;
    return text.replace(carriers, (_whole, blink = "0", underline = "0", id = "", link = "") =>
      this.#turn(blink === "1", Number(underline), id, link),
    );
  }

  #turn(blink: boolean, underline: number, id: string, link: string): string {
    const style = `${blink ? "\x1b[5m" : ""}${underline > 0 ? `\x1b[4m\x1b[4:${underline}m` : ""}`;
    const text = `${this.#styled ? "\x1b[24;25m" : ""}${style}${link ? `\x1b]8;id=${mark}${id};${link}\x07` : this.#linked ? end : ""}`;
    this.#styled = style !== "";
    this.#linked = link !== "";
    return text;
  }
}
