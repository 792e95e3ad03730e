import { join } from "node:path";
import { available, findProgram } from "./available.ts";

/** Whether a test can have certificates. */
export function hasOpenssl(): boolean {
  return available(
    "openssl",
    findProgram("openssl") === undefined ? "it is not installed" : undefined,
  );
}

/** Files of a certificate for localhost and 127.0.0.1, and who vouches for it. */
export interface Certificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate of an authority that only exists in this folder. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const file = (name: string): string => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  await openssl([
    ...["req", "-x509", ...key, "-nodes", "-days", "2", "-subj", "/CN=tests"],
    ...["-keyout", file("ca.key"), "-out", file("ca.pem")],
  ]);
  await Deno.writeTextFile(
    file("extensions"),
    "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n",
  );
  await openssl([
    ...["req", ...key, "-nodes", "-subj", "/CN=localhost"],
    ...["-keyout", file("key.pem"), "-out", file("request.pem")],
  ]);
  await openssl([
    ...["x509", "-req", "-in", file("request.pem"), "-days", "2"],
    ...["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"],
    ...["-extfile", file("extensions"), "-out", file("cert.pem")],
  ]);
  return { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
}

async function openssl(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args })
    .output();
  if (success) return;
  throw new Error(
    `Cannot make a certificate: ${new TextDecoder().decode(stderr)}`,
  );
}
