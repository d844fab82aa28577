/** `berth key import`: a key that was made elsewhere, encrypted as cosign keeps keys. */
import { type CommandSpec, command } from "../command.ts";
import { type KeyPair, keyPairLines, keyPassword, outputFlag, readText, writeKeyPair } from "./key-files.ts";

const spec: CommandSpec<KeyPair> = command<KeyPair>({
  summary: "Encrypt a private key that was made elsewhere",
  description:
    "Reads PEM: PKCS #8, PKCS #1 and SEC 1, of ECDSA (P-256, P-384, P-521), Ed25519, and RSA with 2048 bits and more; also a key of cosign's that gets another password. The old password is that of BERTH_OLD_KEY_PASSWORD, or asked for.",
  examples: [{ line: "berth key import -o release private.pem", does: "Write release.key, encrypted, and release.pub" }],
  flags: [outputFlag],
  args: [{ name: "FILE", subject: "file" }],
  place: "anywhere",
  async *run(context, input) {
    const { importKey, publicPem, readSigner } = await import("../../../engine/trust/index.ts");
    const [file = ""] = input.args;
    const old = context.io.env["BERTH_OLD_KEY_PASSWORD"];
    const env = { ...context.io.env, BERTH_KEY_PASSWORD: old, COSIGN_PASSWORD: old };
    const signer = await readSigner(readText(context, file), file, () =>
      keyPassword({ ...context, io: { ...context.io, env } }, { name: file }),
    );
    const { private: text, key } = await importKey(signer, await keyPassword(context, { isNew: true }));
    return writeKeyPair(context, input, { private: text, public: publicPem(key), id: key.id, kind: key.kind });
  },
  present: (pair) => ({ kind: "lines", lines: keyPairLines(pair) }),
});

export default spec;
