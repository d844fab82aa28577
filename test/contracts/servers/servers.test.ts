/** The contract, kept through servers that are not berth's: what they do otherwise stands here, with the reason. */
import { contract } from "../engine/suite.ts";
import { openDockerd, openPodman } from "./server.ts";

contract({
  dockerd: {
    open: openDockerd,
    exceptions: {
      "a terminal of an exec has the size that it is given by id": "until 1.42 it has none before the process runs: it is set right after",
      "an exec needs a container that runs, a command that is there, and an id that is known":
        "20.10 notes 126 for a command that is not there, newer ones 127, as the error does here",
    },
  },
  podman: { open: openPodman, exceptions: {} },
});
