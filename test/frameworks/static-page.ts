/** A page with its style and its script, as files of one folder. */
export function staticPage(from: string): Readonly<Record<string, string>> {
  return {
    "index.html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Static</title>
    <link rel="stylesheet" href="style.css">
    <script src="counter.js" defer></script>
  </head>
  <body>
    <h1>Hello from ${from}</h1>
    <button>Clicked 0 times</button>
  </body>
</html>
`,
    "style.css": "h1 { color: teal; }\n",
    "counter.js": `let count = 0;
const button = document.querySelector("button");
button.addEventListener("click", () => {
  count += 1;
  button.textContent = \`Clicked \${count} times\`;
});
`,
  };
}
