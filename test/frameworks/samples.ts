import type { Sample } from "./sample.ts";
import { vite8React } from "./samples/vite-8-react.ts";

/** Every row of the matrix, in the order of the documentation. */
export const samples: readonly Sample[] = [vite8React];
