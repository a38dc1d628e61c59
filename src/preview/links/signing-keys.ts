import { createHash, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { PreviewError } from "../../errors.ts";
import type { KeyStore } from "../store.ts";
import type { SigningKeys } from "./token.ts";

const secretBytes = 32;

/** Keys from `<id>:<base64>[,<id>:<base64>]`; the first one signs, both verify. */
export function parseSigningKeys(text: string): SigningKeys {
  const secrets = new Map(text.split(",").map(parseKey));
  const [currentId] = secrets.keys();
  if (currentId === undefined) throw new RangeError("no signing key given");
  return { currentId, secrets };
}

/** The keys of the file, made at first use; two processes racing end with one file. */
export function ensureSigningKeys(file: string): SigningKeys {
  const fresh = `0:${randomBytes(secretBytes).toString("base64")}`;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, fresh, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
  return parseSigningKeys(readFileSync(file, "utf8").trim());
}

/** Planes on one database must sign alike, else each refuses the other's links. */
export async function agreeOnKeys(store: KeyStore, keys: SigningKeys): Promise<void> {
  for (const [id, secret] of keys.secrets) {
    const fingerprint = createHash("sha256").update("dev-preview/fingerprint\0").update(secret).digest("hex");
    if ((await store.agree(id, fingerprint)) !== fingerprint) {
      throw new PreviewError(
        "signing_keys_differ",
        `signing key ${id} differs from the one that other planes of this database use`,
        {
          hint: "Give every plane of one database the same DEV_PREVIEW_SIGNING_KEYS; use another key id for a new key.",
        },
      );
    }
  }
}

function parseKey(text: string): [number, Buffer] {
  const [id = "", encoded = ""] = text.split(":");
  const secret = Buffer.from(encoded, "base64");
  if (!/^([0-9]|1[0-5])$/.test(id) || secret.length < secretBytes) {
    throw new PreviewError("config_invalid", "a signing key is not `<id 0-15>:<32 or more bytes in base64>`", {
      hint: "Make one with: echo 0:$(head -c 32 /dev/urandom | base64)",
    });
  }
  return [Number(id), secret];
}
