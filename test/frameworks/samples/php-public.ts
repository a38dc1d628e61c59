import type { Sample } from "../sample.ts";

const controller = `<?php
declare(strict_types=1);

session_start();

$path = parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH);
if ($path === "/greet" && $_SERVER["REQUEST_METHOD"] === "POST") {
    $_SESSION["guest"] = $_POST["name"] ?? "";
    header("Location: http://" . $_SERVER["HTTP_HOST"] . "/hello", true, 303);
    exit();
}
$guest = $_SESSION["guest"] ?? "";
require __DIR__ . "/../views/hello.php";
`;

const view = `<!doctype html>
<html lang="en">
  <head>
    <title>PHP</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/site.css">
  </head>
  <body>
    <h1>Hello from <?= htmlspecialchars($path) ?></h1>
    <?php if ($guest !== ""): ?>
      <p>Welcome, <?= htmlspecialchars($guest) ?>!</p>
    <?php endif ?>
    <form method="post" action="/greet">
      <input name="name" aria-label="Name">
      <button type="submit">Greet</button>
    </form>
  </body>
</html>
`;

/** A front controller in `public/`, which answers every path that is no file; its form redirects to its own name. */
export const phpPublic: Sample = {
  name: "php-public",
  title: "PHP built-in server (public/index.php)",
  framework: "php",
  version: { command: ["php", "--version"] },
  needs: [{ program: "php", debian: "php-cli" }],
  files: {
    "public/index.php": controller,
    "public/site.css": "h1 { color: teal }\n",
    "views/hello.php": view,
  },
  page: { path: "/hello", text: "Hello from /hello", selector: "h1" },
  edit: { file: "views/hello.php", from: "Hello from", to: "Edited in", follows: "manual" },
  form: { path: "/hello", field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
