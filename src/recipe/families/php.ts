import { inPlace, joined } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const common = {
  runtime: "php",
  serves: "pages",
  defaultPort: 8000,
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
} as const satisfies Partial<Recipe>;

const laravel: Recipe = {
  ...common,
  framework: "laravel",
  commands: [{ programs: ["artisan"], verbs: ["serve"] }],
  projects: [
    { files: ["artisan"], packages: ["laravel-vite-plugin"], command: "npm run dev & php artisan serve" },
    { files: ["artisan"], command: "php artisan serve" },
  ],
  arguments: [joined("--host", "{host}"), joined("--port", "{port}")],
  repeated: "last",
  note: "Pages name the Vite server beside it by its own port: build the assets to show them on another host.",
};

const php: Recipe = {
  ...common,
  framework: "php",
  commands: [{ programs: ["php"], argument: /^-S$/ }],
  projects: [
    { files: ["public/index.php"], command: "php -S {host}:{port} -t public" },
    { files: ["index.php"], command: "php -S {host}:{port}" },
  ],
  arguments: [inPlace("-S", "{host}:{port}")],
  repeated: "replaced",
};

export const phpRecipes: readonly Recipe[] = [laravel, php];
