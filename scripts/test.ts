import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findBrowser } from './find-browser.ts';

/**
 * `npm test`: every test there is, browser tests included. Arguments go to vitest (`npm test -- test/contract`).
 * Browser tests need a Chromium; on Debian as root one is installed, elsewhere the message says how.
 */
const inCi = process.env.CI === 'true';
let browser = findBrowser();
if (browser === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log('no Chromium found: installing Debian’s …');
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', 'chromium', 'fonts-noto-cjk'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  browser = findBrowser();
}
if (browser === undefined) {
  console.log(
    'no Chromium found: browser tests are skipped. Install Chromium or Chrome, or name one in CHROMIUM_PATH.',
  );
  if (inCi) process.exit(1);
}

const { status } = spawnSync(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }) } },
);
process.exit(status ?? 1);
