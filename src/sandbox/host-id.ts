import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { execa } from "execa";

/**
 * `local-<10 hex digits>`, the same for every plane that keeps its launches in `directory` of this host,
 * and across restarts. Machine id and host name together: containers of one image share the first,
 * installed hosts may share the second.
 */
export async function localSandboxId(platform: NodeJS.Platform, directory: string): Promise<string> {
  const machine = platform === "darwin" ? await readPlatformUuid() : await readMachineId();
  const hash = createHash("sha256")
    .update(`${machine ?? ""}\n${hostname()}\n${directory}`)
    .digest("hex");
  return `local-${hash.slice(0, 10)}`;
}

async function readMachineId(): Promise<string | undefined> {
  for (const path of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
    // containers often have neither; their host name is unique then
    const id = await readFile(path, "utf8").catch(() => "");
    if (/^[0-9a-f]{32}\s*$/.test(id)) return id.trim();
  }
  return undefined;
}

async function readPlatformUuid(): Promise<string | undefined> {
  const { stdout } = await execa("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"], { reject: false });
  return /"IOPlatformUUID" = "([^"]+)"/.exec(stdout ?? "")?.[1];
}
