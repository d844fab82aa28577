/** `berth image files`: see list-files.ts. */
import { command } from "../command.ts";
import { filesCommand } from "../list-files.ts";

const spec = command(
  filesCommand("image", {
    summary: "List a directory of an image, or of one of its layers",
    description: "Of a layer, A stands for added, C for changed and D for removed, against the layers below. Docker has no such command.",
    examples: [
      { line: "berth image files nginx /etc/nginx", does: "List a directory as a container of the image would see it" },
      { line: "berth image files --layer 2 app /srv", does: "List what the second layer does there" },
    ],
  }),
);

export default spec;
