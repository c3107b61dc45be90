import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

import type { Environment } from "./endpoint.js";

/** The process environment, and the given file of NAME=value lines where the process has no value. */
export function readEnvironment(file: string, process: Environment): Environment {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw error;
    }
  }
  const set = Object.entries(process).filter(([, value]) => value !== undefined && value !== "");
  return { ...parseEnv(text), ...Object.fromEntries(set) };
}
