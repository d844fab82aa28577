/** One row of the screen. Rows are redrawn only when their text changes. */
import { Text } from "ink";
import { memo } from "react";

export const Line = memo(function Line({ text }: { text: string }) {
  return <Text wrap="truncate">{text || " "}</Text>;
});

/** Rows one below the other. */
export function Lines({ lines }: { lines: readonly string[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
  return lines.map((text, row) => <Line key={row} text={text} />);
}
