import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeOpenerStubs } from "./opener-stubs.ts";

export interface BrowserHome {
  /** Of everything that the browser writes. */
  readonly path: string;
  /** Goes first on its PATH. */
  readonly stubs: string;
  /** Removes it all. */
  close(): Promise<void>;
}

/** Makes directories below this one, each for one browser, and empties it before the first. */
export function browserHomes(directory: string): () => Promise<BrowserHome> {
  const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  let emptied: Promise<void> | undefined;
  return async () => {
    emptied ??= remove(directory).catch((error: unknown) => {
      emptied = undefined;
      throw error;
    });
    await emptied;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = await mkdtemp(join(directory, "b-"));
    return { path, stubs: await makeOpenerStubs(path), close: () => remove(path) };
  };
}
