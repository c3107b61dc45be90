import { chromium } from 'playwright-core';

// Starts Chromium without what it does on its own, which fails slowly on a machine without a network.
export function launch(executablePath) {
  const args = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'].map((feature) => `--disable-${feature}`);
  return chromium.launch({ executablePath, args: [...args, '--no-first-run'] });
}
