// Generates everything and lets the test suite compare it: npm run compare [-- what dotnet test is to be given]
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../../artifacts/tokenizers", import.meta.url));
const run = (program, given) => {
  const { status, error } = spawnSync(program, given, { cwd: here, stdio: "inherit", env: { ...process.env, HARNESS_TOKENIZERS: out } });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
};

rmSync(out, { recursive: true, force: true });
run(process.execPath, ["generate.mjs", out]);
run("dotnet", ["test", "../Models.Tests", "--filter", "FullyQualifiedName~TokenizerComparison", ...process.argv.slice(2)]);
