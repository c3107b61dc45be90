/** A structured log on stderr: one JSON object a line. */
export interface Logger {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
}

type Fields = Record<string, unknown>;

export const levels = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof levels)[number];

export function createLogger(threshold: Level, write: (line: string) => void = (line) => process.stderr.write(line)): Logger {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      if (levels.indexOf(level) >= levels.indexOf(threshold)) {
        write(`${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields })}\n`);
      }
    };
  return { info: at("info"), warn: at("warn") };
}
