import type { ProjectFiles } from "./project-files.ts";

/** The same files, each looked at once: many recipes ask for the same ones. For the time of one launch. */
export function readOnce(files: ProjectFiles): ProjectFiles {
  return {
    readText: once((path) => files.readText(path)),
    exists: once((path) => files.exists(path)),
    folders: once((path) => files.folders(path)),
    repoDir: (named) => files.repoDir(named),
  };
}

function once<Answer>(ask: (path: string) => Promise<Answer>): (path: string) => Promise<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (path) => {
    const answer = known.get(path) ?? ask(path);
    known.set(path, answer);
    return answer;
  };
}
