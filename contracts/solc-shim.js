#!/usr/bin/env node
// Gives the npm solc the two options of the native compiler that py-solc-x and forge use.
const solc = require("solc");
if (process.argv.includes("--version")) {
  console.log("solc, the solidity compiler commandline interface\nVersion: " + solc.version().replace("Emscripten.clang", "Linux.g++"));
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(require("fs").readFileSync(0, "utf8")) + "\n");
} else {
  console.error("solc-shim answers --version and --standard-json only");
  process.exit(1);
}
