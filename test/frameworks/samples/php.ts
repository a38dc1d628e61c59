import type { Sample } from "../sample.ts";

const page = `<!doctype html>
<html lang="en">
  <head>
    <title>PHP</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <h1>Hello from PHP</h1>
    <?php if (isset($_POST["name"])): ?>
      <p>Welcome, <?= htmlspecialchars($_POST["name"]) ?>!</p>
    <?php endif ?>
    <form method="post">
      <input name="name" aria-label="Name">
      <button type="submit">Greet</button>
    </form>
  </body>
</html>
`;

export const php: Sample = {
  name: "php",
  title: "PHP built-in server (index.php)",
  framework: "php",
  version: { command: ["php", "--version"] },
  needs: [{ program: "php", debian: "php-cli" }],
  files: { "index.php": page },
  page: { text: "Hello from PHP", selector: "h1" },
  edit: { file: "index.php", from: "Hello from", to: "Edited in", follows: "manual" },
  form: { field: "input[name=name]", value: "Ada", submit: "button", shows: "Welcome, Ada!" },
};
