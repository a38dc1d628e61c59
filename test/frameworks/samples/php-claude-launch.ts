import type { Sample } from "../sample.ts";

const router = `<?php
if (is_file(__DIR__ . "/site" . $_SERVER["SCRIPT_NAME"])) {
    return false;
}
echo "<!doctype html><title>PHP</title><link rel='icon' href='data:,'><h1>Hello from the router</h1>";
`;

/** Nothing but the definition says that `router.php` is a server. */
export const phpClaudeLaunch: Sample = {
  name: "php-claude-launch",
  title: "PHP built-in server (.claude/launch.json)",
  framework: "php",
  version: { command: ["php", "--version"] },
  needs: [{ program: "php", debian: "php-cli" }],
  files: {
    ".claude/launch.json": JSON.stringify({
      version: "0.0.1",
      configurations: [
        {
          name: "site",
          runtimeExecutable: "php",
          runtimeArgs: ["-S", "localhost:8000", "-t", "site", "router.php"],
          port: 8000,
        },
      ],
    }),
    "router.php": router,
    "site/robots.txt": "User-agent: *\n",
  },
  page: { path: "/any/path", text: "Hello from the router", selector: "h1" },
  edit: { file: "router.php", from: "Hello from", to: "Edited in", follows: "manual" },
};
