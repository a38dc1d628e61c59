import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LaunchLimits } from "../driver.ts";
import type { CgroupTables } from "./cgroup-mounts.ts";
import { findPlaces } from "./find-places.ts";
import type { Place } from "./find-places.ts";
import { isWritten, succeeds } from "./kernel-files.ts";
import { limitFiles, withoutControllers } from "./limits.ts";
import type { Controller } from "./limits.ts";
import { preparePlace } from "./prepare-place.ts";

/** The control groups of launches: they bound a launch as a whole, whatever it starts. */
export interface Cgroups {
  /** Makes the groups of a launch. A launch goes on without what its host does not give: that is in `unbounded`. */
  create(launchId: string, limits: LaunchLimits): LaunchGroups;
}

export interface LaunchGroups {
  /** One per hierarchy. */
  readonly directories: readonly string[];
  readonly unbounded: LaunchLimits;
  /** Why, in a sentence without a full stop; absent where all is bounded. */
  readonly reason?: string;
}

/** Looks at the host, and makes groups there, when the first launch is to be bounded. */
export function createCgroups(tables: () => CgroupTables): Cgroups {
  let prepared: { readonly places: readonly Place[]; readonly reason?: string } | undefined;

  function prepare() {
    const found = findPlaces(tables());
    const places = found.places.map(preparePlace).filter((place) => place !== undefined);
    return { ...found, places };
  }

  return {
    create(launchId, limits) {
      prepared ??= prepare();
      const { places, reason = "the kernel did not take the bound" } = prepared;
      const made = places.flatMap((place) => makeGroup(place, launchId, limits));
      const unbounded = withoutControllers(limits, new Set(made.flatMap(({ held }) => held)));
      return {
        directories: made.map(({ directory }) => directory),
        unbounded,
        ...(Object.keys(unbounded).length === 0 ? {} : { reason }),
      };
    },
  };
}

interface MadeGroup {
  readonly directory: string;
  /** The controllers that enforce what they were told. */
  readonly held: readonly Controller[];
}

function makeGroup({ directory: parent, version, controllers }: Place, launchId: string, limits: LaunchLimits) {
  const directory = join(parent, launchId);
  if (!succeeds(() => mkdirSync(directory))) return [];
  const held = controllers.filter((controller) =>
    limitFiles(controller, version, limits)
      .map(({ file, value, optional }) => isWritten(join(directory, file), value) || optional === true)
      .every(Boolean),
  );
  return [{ directory, held } satisfies MadeGroup];
}
