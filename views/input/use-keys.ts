/** The one door to Ink's keyboard: every key and paste of the program comes through here, as names. */
import { useInput, usePaste } from "ink";
import { keyNames } from "./keys.ts";

export function useKeys(onKey: (name: string) => void, onPaste: (text: string) => void): void {
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name);
  });
  usePaste(onPaste);
}
