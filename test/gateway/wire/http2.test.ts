import { groups } from "./groups.ts";
import { http2 } from "./http2-front.ts";
import { testRows } from "./test-rows.ts";

testRows("HTTP/2", http2, groups);
