/** `berth key generate`: a new pair of keys to sign images with. */
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { type KeyPair, keyPairLines, keyPassword, outputFlag, writeKeyPair } from "./key-files.ts";

const types = ["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"] as const;

const spec: CommandSpec<KeyPair> = command<KeyPair>({
  summary: "Make a pair of keys to sign images with",
  description:
    "The private key is encrypted with a password and kept as cosign keeps it: each program reads the other's. The password is that of BERTH_KEY_PASSWORD or COSIGN_PASSWORD, else it is asked for.",
  examples: [
    { line: "berth key generate", does: "Write berth.key, for who signs, and berth.pub, for who verifies" },
    { line: "berth key generate --type ed25519 -o release", does: "Make a key of another kind in release.key and release.pub" },
  ],
  flags: [
    outputFlag,
    {
      name: "type",
      short: "t",
      type: "string",
      choices: types,
      default: "ecdsa-p256",
      help: "Kind of key; all that read images' signatures know the default",
    },
  ],
  args: [],
  place: "anywhere",
  async *run(context, input) {
    const { generateKey, publicPem } = await import("../../../engine/trust/index.ts");
    const type = types.find((each) => each === textOf(input, "type")) ?? "ecdsa-p256";
    const { private: text, key } = await generateKey(type, await keyPassword(context, { isNew: true }));
    return writeKeyPair(context, input, { private: text, public: publicPem(key), id: key.id, kind: key.kind });
  },
  present: (pair) => ({ kind: "lines", lines: keyPairLines(pair) }),
});

export default spec;
