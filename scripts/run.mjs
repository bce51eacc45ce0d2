// Runs a program of this repository under its own Node, on a machine that has only Node 20 and npm: installs what the
// lockfile names when it is not there, builds, then hands over. Plain JavaScript, because the Node that starts it may
// not read TypeScript.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const stamp = join(root, 'node_modules', '.installed-from');

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`node ${process.versions.node} is too old to install Perennial: use Node 20 or later`);
  process.exit(1);
}

const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const installed = existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash;
if (!installed) {
  console.error('installing dependencies (once, about a minute) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // not `npm ci`: it refuses a lock file without other platforms' builds, which a registry mirror may not have
  const { status } = spawnSync(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0 || !existsSync(node)) {
    console.error('npm install failed: see its messages above; the npm registry must be reachable once');
    process.exit(1);
  }
  writeFileSync(stamp, lockHash);
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node scripts/run.mjs PROGRAM [ARGUMENT …]   PROGRAM is a .ts file or a bin of node_modules');
  process.exit(2);
}
const build = spawnSync(node, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: ['ignore', 2, 2] });
if (build.status !== 0) process.exit(build.status ?? 1);

const entry = program.endsWith('.ts') ? join(root, program) : binOf(program);
const child = spawn(node, ['--disable-warning=ExperimentalWarning', entry, ...args], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  },
});
// The child ends when this channel closes, and this process ends when npm goes: kill -9 of `npm start` leaves nobody. Npm
// runs scripts through a shell that outlives it, so it is npm itself that is watched.
const watched = [process.ppid];
if (process.env.npm_lifecycle_event !== undefined && process.platform !== 'win32')
  watched.push(Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(process.ppid)], { encoding: 'utf8' }).stdout));
const isGone = (pid) => {
  try {
    return pid > 1 && !process.kill(pid, 0);
  } catch (error) {
    return error.code === 'ESRCH';
  }
};
const watch = setInterval(() => {
  if (process.ppid !== watched[0] || watched.some(isGone)) child.kill('SIGKILL');
}, 250);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  clearInterval(watch);
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});

function binOf(name) {
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  const bin = typeof manifest.bin === 'string' ? manifest.bin : (manifest.bin[name] ?? Object.values(manifest.bin)[0]);
  return join(root, 'node_modules', name, bin);
}
