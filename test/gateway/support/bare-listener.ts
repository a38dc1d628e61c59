import { createClientAddresses } from "../../../src/gateway/client-address.ts";
import { createClientSockets } from "../../../src/gateway/http1/client-sockets.ts";
import { createListener } from "../../../src/gateway/listener.ts";
import type { ListenerOptions } from "../../../src/gateway/listener.ts";
import { createTrafficCounts } from "../../../src/gateway/traffic/traffic-counts.ts";
import { createLogger } from "../../../src/logger.ts";
import { closing } from "./fixture.ts";

/** A listener on loopback with nothing behind it but what the test says; closed after the test. */
export async function startBareListener(
  options: Partial<ListenerOptions> & Pick<ListenerOptions, "handler">,
): Promise<{ port: number }> {
  const listener = createListener({
    host: "127.0.0.1",
    port: 0,
    logger: createLogger("silent"),
    clients: createClientSockets({ addresses: createClientAddresses() }),
    counts: createTrafficCounts(),
    ...options,
  });
  return await closing(listener).listen();
}
