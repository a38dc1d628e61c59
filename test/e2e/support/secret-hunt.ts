import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Everything that was said anywhere, by place. */
export interface SecretHunt {
  /** Adds what was said at a place; objects as JSON. */
  hear(place: string, said: unknown): void;
  /** `<secret> at <place>` for each place that says a secret and may not; `allowed` maps secrets to places, by beginning. */
  leaks(allowed: Readonly<Record<string, readonly string[]>>): string[];
  /** How many places said something. */
  places(): number;
}

/** `secrets` by a name that tells them apart in a report. */
export function createSecretHunt(secrets: () => Readonly<Record<string, string>>): SecretHunt {
  const heard: { place: string; text: string }[] = [];
  return {
    hear: (place, said) => void heard.push({ place, text: typeof said === "string" ? said : JSON.stringify(said) }),
    leaks(allowed) {
      return Object.entries(secrets()).flatMap(([name, secret]) =>
        heard
          .filter(({ place }) => !(allowed[name] ?? []).some((prefix) => place.startsWith(prefix)))
          .filter(({ text }) => formsOf(secret).some((form) => text.includes(form)))
          .map(({ place }) => `${name} at ${place}`),
      );
    },
    places: () => heard.length,
  };
}

/** As it is, in a URL, in base64 of both kinds, and in hex. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const [base64, base64url] = (["base64", "base64url"] as const).map((kind) => bytes.toString(kind).replace(/=+$/, ""));
  return [secret, encodeURIComponent(secret), base64!, base64url!, bytes.toString("hex")];
}

export interface SeenFile {
  /** Within the directory. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly text: string;
}

/** Every file below a directory. */
export function filesBelow(directory: string): SeenFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(directory, path), mode: statSync(path).mode & 0o777, text: readFileSync(path, "latin1") };
    });
}
