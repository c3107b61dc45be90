/** Collects what is wrong with the settings, so that one start reports all of it. */
export class Problems {
  found = [];

  add(name, text) {
    this.found.push(`${name}: ${text}`);
  }

  error() {
    return new Error(`the configuration has problems:\n${this.found.join("\n")}`);
  }
}
