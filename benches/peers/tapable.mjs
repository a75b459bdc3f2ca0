// Nanoseconds per call of 10 taps that answer for one string: `node benches/peers/tapable.mjs`.
// Installs `tapable` from npm into a temporary folder, which it removes.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "tapable-"));
try {
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "tapable@2"], { cwd: folder });
  const require = createRequire(join(folder, "package.json"));
  const { version } = require("tapable/package.json");
  measure(require("tapable"), `npm \`tapable\` ${version}, node ${process.versions.node}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function measure({ SyncHook, AsyncSeriesHook }, name) {
  // No hook of it collects what taps return, so each adds to an array that is the call's second argument.
  const tapped = (hook) => {
    for (let n = 0; n < 10; n++) {
      hook.tap(`p${n}`, (text, out) => {
        out.push(n + text.length);
      });
    }
    return hook;
  };
  const plain = tapped(new SyncHook(["text", "out"]));
  // There are no wrappers: the nearest is an interceptor, which sees the call's start and end.
  const intercepted = tapped(new SyncHook(["text", "out"]));
  let seen = 0;
  intercepted.intercept({ call: () => { seen += 1; }, done: () => { seen += 1; } });

  const awaited = new AsyncSeriesHook(["text", "out"]);
  for (let n = 0; n < 10; n++) {
    awaited.tapPromise(`p${n}`, async (text, out) => {
      out.push(n + text.length);
    });
  }

  const call = (hook) => (text) => {
    const out = [];
    hook.call(text, out);
    return out;
  };
  const expected = JSON.stringify(Array.from({ length: 10 }, (_, n) => n + 4));
  for (const hook of [plain, intercepted]) {
    if (JSON.stringify(call(hook)("text")) !== expected) throw new Error("another result");
  }
  const texts = ["text", "word", "line", "name"];
  const time = (work) => {
    const calls = 100_000;
    const started = process.hrtime.bigint();
    let sum = 0;
    for (let n = 0; n < calls; n++) sum += work(texts[n & 3]).length;
    if (sum !== calls * 10) throw new Error("another result");
    return Number(process.hrtime.bigint() - started) / calls;
  };
  const [one, two] = [call(plain), call(intercepted)];
  const times = [[], []];
  for (let round = 0; round < 41; round++) {
    times[0].push(time(one));
    times[1].push(time(two));
  }
  const timeAwaited = async () => {
    const calls = 10_000;
    const started = process.hrtime.bigint();
    let sum = 0;
    for (let n = 0; n < calls; n++) {
      const out = [];
      await awaited.promise(texts[n & 3], out);
      sum += out.length;
    }
    if (sum !== calls * 10) throw new Error("another result");
    return Number(process.hrtime.bigint() - started) / calls;
  };
  const median = (all) => all.sort((a, b) => a - b)[all.length >> 1].toFixed(0);
  return (async () => {
    const all = [];
    for (let round = 0; round < 21; round++) all.push(await timeAwaited());
    console.log("| library | call, ns | with one wrapper, ns |\n|---|---|---|");
    console.log(`| ${name}, \`SyncHook\` | ${median(times[0])} | ${median(times[1])} (an interceptor) |`);
    console.log(`| ${name}, \`AsyncSeriesHook\` | ${median(all)} | – |`);
  })();
}
