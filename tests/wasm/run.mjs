// Runs the exported tests of a module, each in an instance of its own.
import { readFile } from "node:fs/promises";

const module = await WebAssembly.compile(await readFile(process.argv[2]));
const tests = WebAssembly.Module.exports(module).map(({ name }) => name).filter((name) => name.startsWith("test_"));

/** Runs one test and returns the text of its panic, if it panics. */
async function failure(name) {
    let text;
    const host = {
        panicked: (start, length) => {
            text = new TextDecoder().decode(new Uint8Array(instance.exports.memory.buffer, start, length));
        },
        milliseconds: () => 86_400_000,
    };
    const instance = await WebAssembly.instantiate(module, { host });
    try {
        instance.exports[name]();
    } catch (error) {
        return text ?? String(error);
    }
    return undefined;
}

let failed = 0;
for (const name of tests) {
    const text = await failure(name);
    console.log(`test ${name.slice("test_".length)} ... ${text === undefined ? "ok" : `FAILED: ${text}`}`);
    failed += text === undefined ? 0 : 1;
}
console.log(`${tests.length - failed} passed, ${failed} failed`);
process.exit(tests.length > 0 && failed === 0 ? 0 : 1);
