import type { SampleNeed } from "./sample.ts";

/** Debian's own Python: the one on PATH may be another build, which does not see Debian's packages. */
export const debianPython = "/usr/bin/python3";

/** `/bin/sh` finds the interpreter, whatever the folder is called: a `#!` line ends at its first space. */
const entryPoint = `
import importlib.metadata, os, sys
for name in sys.argv[1:]:
    module, function = next(
        point for point in importlib.metadata.entry_points(group="console_scripts") if point.name == name
    ).value.split(":")
    path = os.path.join(".venv", "bin", name)
    with open(path, "w") as script:
        script.write(f"""#!/bin/sh
'''exec' "{os.path.abspath('.venv/bin/python')}" "$0" "$@"
' '''
import sys
from {module} import {function}
if __name__ == "__main__":
    sys.exit({function}())
""")
    os.chmod(path, 0o755)
`;

/**
 * Steps that make `.venv` with Debian's packages and the console scripts of `programs` in it, as pip
 * would write them: what a project has after `pip install`, without a download.
 */
export function virtualenv(...programs: readonly string[]): readonly (readonly [string, ...string[]])[] {
  return [
    [debianPython, "-m", "venv", "--system-site-packages", "--without-pip", ".venv"],
    ...(programs.length === 0 ? [] : [[".venv/bin/python", "-c", entryPoint, ...programs] as const]),
  ];
}

/** What a sample needs whose project imports `module`. */
export function pythonModule(module: string, debian: string): SampleNeed {
  return { program: debianPython, debian, check: [debianPython, "-c", `import ${module}`] };
}
