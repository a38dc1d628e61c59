import * as z from "zod";
import { projectOutput } from "../preview/contract.ts";

export const project = projectOutput.meta({ id: "Project" });

/** An object rather than a bare array, so that it can grow. */
export const projectList = z.object({ projects: z.array(project) }).meta({ id: "ProjectList" });
