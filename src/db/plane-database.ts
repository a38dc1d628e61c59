import type { Clock } from "../clock.ts";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { claimPlane } from "./claim-plane.ts";
import type { PlaneClaim } from "./claim-plane.ts";
import { startEmbeddedServer } from "./embedded-server.ts";
import type { EmbeddedServer } from "./embedded-server.ts";
import { openDatabase } from "./open-database.ts";
import type { OpenDatabaseOptions, PlaneDatabase } from "./open-database.ts";

export interface PlaneDatabaseOptions {
  /** A server to use; without it the embedded one under `embeddedDirectory`. */
  readonly url: string | undefined;
  readonly embeddedDirectory: string;
  /** Told to a second plane: where the first one left its address. */
  readonly planeFile: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onQuery?: NonNullable<OpenDatabaseOptions["onQuery"]>;
}

/** The plane's database: the server that was named, or the embedded one, which serves one plane only. */
export async function openPlaneDatabase(options: PlaneDatabaseOptions): Promise<PlaneDatabase> {
  const { url } = options;
  if (url !== undefined) return await openDatabase({ url }, options);
  const server = await startEmbeddedServer({ directory: options.embeddedDirectory, logger: options.logger });
  const claim = await claimPlane(server.connection, { logger: options.logger });
  if (claim !== undefined) return await openClaimed(server, claim, options);
  // the server goes on: the plane that holds the claim is connected to it
  await server.close();
  throw alreadyRunning(options);
}

async function openClaimed(
  server: EmbeddedServer,
  claim: PlaneClaim,
  options: PlaneDatabaseOptions,
): Promise<PlaneDatabase> {
  const release = async (): Promise<void> => {
    await claim.release();
    await server.close();
  };
  try {
    const database = await openDatabase({ connection: server.connection }, options);
    let closing: Promise<void> | undefined;
    return { ...database, close: () => (closing ??= database.close().then(release)) };
  } catch (error) {
    await release();
    throw error;
  }
}

function alreadyRunning(options: PlaneDatabaseOptions): PreviewError {
  return new PreviewError(
    "plane_already_running",
    `another plane uses the embedded database in ${options.embeddedDirectory}`,
    {
      hint: `Its address is in ${options.planeFile}; commands that run with the same state directory find it by themselves. For a second plane set another DEV_PREVIEW_STATE_DIR, or DATABASE_URL.`,
    },
  );
}
