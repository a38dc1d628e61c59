import { fileURLToPath } from "node:url";
import { quoted } from "../line/shell-line.ts";

/** The command that serves a folder; it runs the compiled program, also when this file is not compiled. */
export function staticServerCommand(folder: string): string {
  const compiled = import.meta.url.endsWith(".ts") ? "../../../dist/recipe/static-server/" : "./";
  const program = fileURLToPath(new URL(`${compiled}serve-static.js`, import.meta.url));
  return ["exec", process.execPath, program, folder].map(quoted).join(" ");
}
