export const levels = ["debug", "info", "warn", "error"];

export function createLogger(threshold, write = (line) => process.stderr.write(line)) {
  const at =
    (level) =>
    (message, fields = {}) => {
      if (levels.indexOf(level) >= levels.indexOf(threshold)) {
        write(`${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields })}\n`);
      }
    };
  return { info: at("info"), warn: at("warn") };
}
