/** Collects what is wrong with the settings, so that one start reports all of it. */
export class Problems {
  readonly found: string[] = [];

  add(name: string, text: string): void {
    this.found.push(`${name}: ${text}`);
  }

  error(): Error {
    return new Error(`the configuration has problems:\n${this.found.join("\n")}`);
  }
}
