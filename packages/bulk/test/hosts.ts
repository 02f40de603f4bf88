/** Hosts of their own on this machine: network namespaces behind one bridge. Linux lets root make them. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { globSync } from "node:fs";
import process from "node:process";

const ip = (...words: readonly string[]): string => execFileSync("ip", words, { stdio: ["ignore", "pipe", "ignore"] }).toString();

/** Debian's library that tells a process another time. */
const faketime = globSync("/usr/lib/*/faketime/libfaketime.so.1")[0];

/** What such tests need that isn't here; undefined where all is. */
export const missingHosts: string | undefined = (() => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "root on Linux";
  if (faketime === undefined) return "apt-get install faketime";
  try {
    ip("netns", "add", `bulk-probe-${process.pid}`);
    ip("netns", "del", `bulk-probe-${process.pid}`);
    return undefined;
  } catch {
    return "network namespaces, and apt-get install iproute2";
  }
})();

export interface Host {
  /** A program on it. */
  start(words: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcess;
  /** Its cable. */
  plug(isIn: boolean): void;
}

export interface Network extends Disposable {
  /** Of the machine that all hosts reach. */
  readonly address: string;
  readonly hosts: readonly Host[];
}

/** What a process is told of the time, from a file that may change while it runs: "+1d". What measures durations stays right. */
export const clockFrom = (file: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: faketime ?? "",
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: "1",
  FAKETIME_DONT_FAKE_MONOTONIC: "1",
});

/**
 * A command line that runs another one with a folder on a disk that is full: what is in the folder can be read, and nothing written into it.
 * @param filling the name of the file that fills it
 * @param inside names in the folder
 */
export const withFullDisk = (folder: string, filling: string, inside: readonly string[], words: readonly string[]): string[] => {
  const script = [
    `mkdir -p "$1.real" && mount --bind "$1" "$1.real"`,
    `mount -t tmpfs -o size=16k tmpfs "$1"`,
    ...inside.map((name) => `ln -s "$1.real/${name}" "$1/${name}"`),
    `{ dd if=/dev/zero of="$1/${filling}" bs=4k 2>/dev/null || true; }`,
    `shift; exec "$@"`,
  ].join("\n");
  return ["unshare", "--mount", "sh", "-ec", script, "sh", folder, ...words];
};

export function makeNetwork(numHosts: number): Network {
  const id = process.pid % 100_000;
  const subnet = `10.213.${id % 250}`;
  const bridge = `xb${id}`;
  const names = Array.from({ length: numHosts }, (_, i) => ({ netns: `xb${id}-${i}`, cable: `xv${id}-${i}` }));
  const remove = (): void => {
    for (const words of [...names.map(({ netns }) => ["netns", "del", netns]), ["link", "del", bridge]]) {
      try {
        ip(...words);
      } catch {
        // it was never made
      }
    }
  };
  try {
    ip("link", "add", bridge, "type", "bridge");
    ip("addr", "add", `${subnet}.1/24`, "dev", bridge);
    ip("link", "set", bridge, "up");
    for (const [i, { netns, cable }] of names.entries()) {
      ip("netns", "add", netns);
      ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", netns);
      ip("link", "set", cable, "master", bridge, "up");
      ip("-n", netns, "addr", "add", `${subnet}.${i + 2}/24`, "dev", "eth0");
      ip("-n", netns, "link", "set", "eth0", "up");
      ip("-n", netns, "link", "set", "lo", "up");
    }
  } catch (error) {
    remove();
    throw error;
  }
  const hosts = names.map(({ netns, cable }) => ({
    start: (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
      spawn("ip", ["netns", "exec", netns, ...words], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } }),
    plug: (isIn: boolean) => void ip("link", "set", cable, isIn ? "up" : "down"),
  }));
  return { address: `${subnet}.1`, hosts, [Symbol.dispose]: remove };
}
