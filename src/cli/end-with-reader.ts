import { exitCodes } from "./exit-codes.ts";

/** A reader that has seen enough (`| head`) ends the command, and is no failure. */
export function endWithReader(stdout: NodeJS.WriteStream): void {
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCodes.ok);
  });
}
