// After `npm run lock`: takes what only names other people's sites out of package-lock.json.
// The installation needs names, versions and integrity hashes; it never reads "funding".
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values(lock.packages)) delete entry.funding;
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
