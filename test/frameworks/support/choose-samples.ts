import type { Sample } from "../sample.ts";

/** The most used frameworks, which run with every change: `FRAMEWORKS=eight`. */
export const eight: readonly string[] = [
  "vite-8-react",
  "next-16",
  "nuxt-4",
  "astro-7",
  "sveltekit-3",
  "angular-22",
  "webpack-dev-server-6",
  "fastapi",
];

/** Names of samples, comma separated, `eight` among them; every sample when absent. An unknown name throws. */
export function chooseSamples(samples: readonly Sample[], wanted: string | undefined): readonly Sample[] {
  if (wanted === undefined || wanted.trim() === "") return samples;
  const names = wanted
    .split(",")
    .map((name) => name.trim())
    .flatMap((name) => (name === "eight" ? eight : [name]));
  const unknown = names.filter((name) => !samples.some((sample) => sample.name === name));
  if (unknown.length === 0) return samples.filter(({ name }) => names.includes(name));
  const known = samples.map(({ name }) => name).join(", ");
  throw new Error(`FRAMEWORKS names no sample: ${unknown.join(", ")}; there are: eight, ${known}`);
}
