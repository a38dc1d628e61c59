// A dev server that runs what it is sent, as whoever runs it: `POST /` with a script of sh, answered with its output.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

createServer((request, response) => {
  if (request.method !== "POST") return response.end("ready");
  const shell = spawn("/bin/sh", [], { stdio: ["pipe", "pipe", "pipe"] });
  request.pipe(shell.stdin);
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk) => (output += chunk));
  shell.on("close", () => response.end(output));
}).listen(Number(process.env.PORT), "127.0.0.1");
