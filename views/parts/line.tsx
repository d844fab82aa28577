/** One row of the screen. Rows are redrawn only when their text changes. */
import { Text } from "ink";
import { createContext, memo, useContext } from "react";

/** How a line is drawn that the UI has made: what terminals of programs show is theirs. */
export const Drawn = createContext<(text: string) => string>((text) => text);

export const Line = memo(function Line({ text }: { text: string }) {
  const drawn = useContext(Drawn);
  return <Text wrap="truncate">{drawn(text) || " "}</Text>;
});

/** Rows one below the other. */
export function Lines({ lines }: { lines: readonly string[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
  return lines.map((text, row) => <Line key={row} text={text} />);
}

/** Rows as they are. */
export function OwnLines({ lines }: { lines: readonly string[] }) {
  return (
    <Drawn value={asIs}>
      <Lines lines={lines} />
    </Drawn>
  );
}

const asIs = (text: string) => text;
