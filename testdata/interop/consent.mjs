import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { launch } from './chromium.mjs';

// A person at a browser. The one argument is {"browser": its program, "pictures": a directory, and either "pages": URLs by
// name to look at, or "act": what to do on a consent page}. What they saw is printed as one JSON document.
const { browser: executablePath, pictures, pages = {}, act } = JSON.parse(process.argv[2]);

const windows = {
  light: { colorScheme: 'light', width: 1280 },
  dark: { colorScheme: 'dark', width: 1280 },
  narrow: { colorScheme: 'light', width: 400 },
};

// Looks at a page in every window, lets axe look for what shuts people out, and takes a picture.
async function look(browser, name, url) {
  const page = await browser.newPage();
  await page.goto(url);
  const scripts = await page.evaluate(() => document.scripts.length);
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const seen = {};
  for (const [window, { colorScheme, width }] of Object.entries(windows)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${pictures}/${name}-${window}.png`, fullPage: true });
    const { passes, violations, incomplete } = await page.evaluate(() => globalThis.axe.run());
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const summary = ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`;
    seen[window] = { scripts, overflow, passed: passes.length, problems: [...violations, ...incomplete].map(summary) };
  }
  return seen;
}

// Answers a consent page, in a browser that runs no script.
async function answer(browser, { url, keys, user, button }) {
  const page = await browser.newPage({ javaScriptEnabled: false });
  const complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(url);
  const seen = {
    title: await page.title(),
    heading: await page.getByRole('heading', { level: 1 }).innerText(),
    scopes: await page.getByRole('listitem').allInnerTexts(),
    users: await page.getByRole('radio').evaluateAll((radios) => radios.map((radio) => radio.labels[0].innerText)),
    complaints,
  };
  if (user) await page.getByText(user).click();
  if (button) await page.getByRole('button', { name: button }).click();
  for (const [i, key] of (keys ?? []).entries()) {
    await page.screenshot({ path: `${pictures}/keyboard-${i}.png` });
    await page.keyboard.press(key);
  }
  await page.waitForURL((now) => now.pathname === '/callback');
  return seen;
}

const browser = await launch(executablePath);
try {
  const report = { seen: {} };
  for (const [name, url] of Object.entries(pages)) report.seen[name] = await look(browser, name, url);
  if (act) report.answer = await answer(browser, act);
  console.log(JSON.stringify(report));
} finally {
  await browser.close();
}
