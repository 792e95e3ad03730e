/** A published version, as the registry keeps it. */
export interface PackageVersion {
  /** Scoped name, for example "@oresty/core". */
  name: string;
  version: string;
  publishedAt: Date;
  /** Export key, for example "." or "./sub", to a path that starts with "./". */
  exports: Record<string, string>;
  /** Path that starts with "/" to the file's content. */
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Path to size in bytes and checksum ("sha256-" and hexadecimal digits). */
  manifest: Record<string, { size: number; checksum: string }>;
}

/** A refusal, with the code that JSR gives for it. */
export class PublishError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "PublishError";
    this.code = code;
  }
}

const NAME = /^@[a-z0-9-]{2,20}\/[a-z0-9-]{2,58}$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const PATH = /^(\/[A-Za-z0-9_$.@()[\]{}+~!, -]+)+$/;
const LICENSE = /^\/(LICENSE|LICENCE|COPYING)(\.md|\.txt)?$/;

/**
 * Checks the files of a package as JSR's server does and makes the version that
 * is served.
 *
 * @param config Path of the package's configuration file, for example
 * "/deno.json".
 * @throws {PublishError} when JSR would refuse the package.
 */
export async function packageVersion(
  name: string,
  version: string,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  config: string,
): Promise<PackageVersion> {
  if (!NAME.test(name)) {
    throw new PublishError("malformedRequest", `Bad package name "${name}"`);
  }
  if (!VERSION.test(version)) {
    throw new PublishError("malformedRequest", `Bad version "${version}"`);
  }
  checkPaths(files.keys());
  const settings = readConfig(files, config);
  if (settings["name"] !== name) {
    throw new PublishError(
      "configFileNameMismatch",
      `"${config}" names "${settings["name"]}", expected "${name}"`,
    );
  }
  const ownVersion = settings["version"];
  if (ownVersion !== undefined && ownVersion !== version) {
    throw new PublishError(
      "configFileVersionMismatch",
      `"${config}" has version "${ownVersion}", expected "${version}"`,
    );
  }
  const licensed = typeof settings["license"] === "string" ||
    [...files.keys()].some((path) => LICENSE.test(path));
  if (!licensed) {
    throw new PublishError(
      "missingLicense",
      `"${name}" has no licence file and no "license" in "${config}"`,
    );
  }
  const exports = readExports(settings["exports"], files, config);

  const manifest: PackageVersion["manifest"] = {};
  for (const [path, bytes] of files) {
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    manifest[path] = {
      size: bytes.length,
      checksum: `sha256-${new Uint8Array(digest).toHex()}`,
    };
  }
  return { name, version, publishedAt: new Date(), exports, files, manifest };
}

function checkPaths(paths: Iterable<string>): void {
  const lowered = new Map<string, string>();
  for (const path of paths) {
    const parts = path.split("/");
    if (!PATH.test(path) || parts.includes("..") || parts.includes(".")) {
      throw new PublishError("invalidPath", `Bad path "${path}"`);
    }
    if (path.startsWith("/.git/")) {
      throw new PublishError("invalidGitPath", `Git's own file "${path}"`);
    }
    const other = lowered.get(path.toLowerCase());
    if (other !== undefined) {
      throw new PublishError(
        "caseInsensitiveDuplicatePath",
        `"${path}" and "${other}" differ in case alone`,
      );
    }
    lowered.set(path.toLowerCase(), path);
  }
}

function readConfig(
  files: ReadonlyMap<string, Uint8Array>,
  config: string,
): Record<string, unknown> {
  const bytes = files.get(config);
  if (bytes === undefined) {
    throw new PublishError("missingConfigFile", `No "${config}" in the files`);
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new PublishError("invalidConfigFile", `"${config}" is no JSON object`);
}

function readExports(
  value: unknown,
  files: ReadonlyMap<string, Uint8Array>,
  config: string,
): Record<string, string> {
  const given = typeof value === "string" ? { ".": value } : value;
  const entries = isRecord(given) ? Object.entries(given) : [];
  const exports: Record<string, string> = {};
  for (const [key, path] of entries) {
    if (!/^\.($|\/)/.test(key) || typeof path !== "string") {
      throw new PublishError(
        "configFileExportsInvalid",
        `Bad export "${key}" in "${config}"`,
      );
    }
    if (!path.startsWith("./") || !files.has(path.slice(1))) {
      throw new PublishError(
        "graphError",
        `Export "${key}" leads to "${path}", which is not in the package`,
      );
    }
    exports[key] = path;
  }
  if (entries.length === 0) {
    throw new PublishError(
      "configFileExportsInvalid",
      `"${config}" exports nothing`,
    );
  }
  return exports;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
