import { X509Certificate } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { PreviewError } from "../errors.ts";
import { shellWord } from "../shell-word.ts";
import { stateDir } from "../state-dir.ts";
import { examples, newCommand } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import type { Answer } from "./run-action.ts";

interface Authority {
  readonly domain: string;
  readonly path: string;
  /** SHA-256 of the certificate, as browsers show it. */
  readonly fingerprint: string;
  readonly validTo: string;
}

export function createCaCommand(): Command {
  return newCommand("ca", "Print the local certificate authority (tlsLocal), and how to trust it; nothing is installed")
    .option("--state-dir <directory>", "state directory of the local plane (DEV_PREVIEW_STATE_DIR)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "dev-preview ca",
        "NODE_EXTRA_CA_CERTS=$(dev-preview ca --json | jq -r .authorities[0].path) node app.js",
      ),
    )
    .action((flags: TargetFlags) =>
      runAction(flags, async ({ config }) => answerOf(stateDir(config.stateDir).authorityDir)),
    );
}

function answerOf(directory: string): Answer {
  const authorities = findAuthorities(directory);
  if (authorities.length === 0)
    throw new PreviewError("not_found", `there is no certificate authority in ${directory}`, {
      hint: "It is made by the first plane with tlsLocal: dev-preview serve --tls-local.",
    });
  return { json: { authorities }, text: authorities.map(textOf).join("\n") };
}

function findAuthorities(directory: string): Authority[] {
  let files: string[];
  try {
    files = readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return files
    .filter((file) => file.endsWith(".crt"))
    .toSorted()
    .map((file) => {
      const path = join(directory, file);
      const { fingerprint256, validTo } = new X509Certificate(readFileSync(path));
      return { domain: file.slice(0, -4), path, fingerprint: fingerprint256, validTo: new Date(validTo).toISOString() };
    });
}

function textOf({ domain, path, fingerprint, validTo }: Authority): string {
  const [file, name] = [shellWord(path), `dev-preview-${domain}`];
  const ways = [
    ["Debian, Ubuntu", `sudo cp ${file} /usr/local/share/ca-certificates/${name}.crt && sudo update-ca-certificates`],
    ["Fedora, Arch", `sudo trust anchor ${file}`],
    ["Chrome on Linux", `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ${name} -i ${file}`],
    ["macOS", `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}`],
    ["Windows", `certutil -addstore -user Root ${file}`],
    ["Firefox", "Settings, Privacy & Security, View Certificates, Authorities, Import"],
    ["Node", `NODE_EXTRA_CA_CERTS=${file}`],
    ["curl", `curl --cacert ${file}`],
  ] as const;
  return [
    path,
    `  good for         ${domain} and the names below it, and for nothing else`,
    `  good until       ${validTo}`,
    `  SHA-256          ${fingerprint}`,
    "To trust it, on the machine of the browser:",
    ...ways.map(([where, how]) => `  ${where.padEnd(16)} ${how}`),
    "",
  ].join("\n");
}
