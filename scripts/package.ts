/** Makes the installable extension: `npm run package` writes nnasm-VERSION.vsix into the repository's root. */
import { copyFile, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createVSIX } from "@vscode/vsce";
import { buildAll } from "./build.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const clientDir = path.join(root, "client");
/** What the extension may weigh, in bytes: people install it over slow networks too. */
const LIMIT = 1_000_000;

/**
 * Builds and packs the extension.
 * @param target absolute path of the .vsix to write; absent: nnasm-VERSION.vsix in the repository's root
 * @returns the path written
 */
export async function packageExtension(target?: string): Promise<string> {
  await buildAll({ forPackage: true });
  await copyFile(path.join(root, "LICENSE"), path.join(clientDir, "LICENSE"));
  const manifest = JSON.parse(await readFile(path.join(clientDir, "package.json"), "utf8")) as { version: string };
  const packagePath = target ?? path.join(root, `nnasm-${manifest.version}.vsix`);
  // Everything is bundled: the .vsix holds no node_modules.
  await createVSIX({ cwd: clientDir, packagePath, dependencies: false, allowMissingRepository: true });
  const { size } = await stat(packagePath);
  if (size > LIMIT) throw new Error(`${packagePath} has ${size} bytes, more than the ${LIMIT} that it may have`);
  return packagePath;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const file = await packageExtension();
  console.log(`${path.relative(root, file)}: ${((await stat(file)).size / 1024).toFixed(0)} KiB`);
}
