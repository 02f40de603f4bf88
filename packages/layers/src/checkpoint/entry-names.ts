/** Other names for a checkpoint's entries: without what wrappers put before them, or as the caller says. */
import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import { fillPattern, NamePattern } from "./name-pattern.ts";
import type { Checkpoint } from "./contents.ts";

/** What `DataParallel` puts before every name, and `torch.compile`, sharding and checkpointing of activations before those of any module inside. */
const wrappers = /^(module\.)+|(?<=^|\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.(module\.)*/g;

/** What people call the model that their training's module holds. */
const holders = ["model.", "net."] as const;

/** Without what wrappers put there, unless two entries would have one name. */
export const withoutWrappers = (checkpoint: Checkpoint): Checkpoint => renamedWhole(checkpoint, (name) => name.replace(wrappers, ""));

/** Without `model.` or `net.`, where all names begin so. */
export function withoutHolder(checkpoint: Checkpoint): Checkpoint {
  const names = [...checkpoint.entries.keys()];
  let shared = 0;
  for (;;) {
    const holder = holders.find((prefix) => names.every((name) => name.startsWith(prefix, shared)));
    if (holder === undefined || names.length === 0) return renamed(checkpoint, (name) => name.slice(shared));
    shared += holder.length;
  }
}

/**
 * As the caller says: `{ "backbone.*": "*" }`. Of several patterns that fit a name the first counts.
 * @throws CheckpointError when two entries would have one name
 */
export function withNames(checkpoint: Checkpoint, rename: Readonly<Record<string, string>>): Checkpoint {
  const patterns = Object.entries(rename).map(([from, to]) => ({ from: new NamePattern(from), to }));
  const nameOf = (name: string): string => {
    for (const { from, to } of patterns) {
      const captures = from.match(name);
      if (captures) return fillPattern(to, captures);
    }
    return name;
  };
  const twice = twiceNamed(checkpoint, nameOf);
  if (twice === undefined) return renamed(checkpoint, nameOf);
  throw new CheckpointError(`\`rename\` gives two entries the name ${quote(twice)}`, { file: checkpoint.label });
}

const renamedWhole = (checkpoint: Checkpoint, nameOf: (name: string) => string): Checkpoint =>
  twiceNamed(checkpoint, nameOf) === undefined ? renamed(checkpoint, nameOf) : checkpoint;

/** A name that two entries would have. */
function twiceNamed({ entries }: Checkpoint, nameOf: (name: string) => string): string | undefined {
  const seen = new Set<string>();
  return [...entries.keys()].map(nameOf).find((name) => seen.size === seen.add(name).size);
}

function renamed(checkpoint: Checkpoint, nameOf: (name: string) => string): Checkpoint {
  const names = new Map([...checkpoint.entries.keys()].map((name) => [nameOf(name), name]));
  return [...names].every(([name, original]) => name === original) ? checkpoint : underNames(checkpoint, names);
}

/** A checkpoint's entries under other names; those that `names` leaves out aren't there. @param names the checkpoint's own by the new ones */
export function underNames(checkpoint: Checkpoint, names: ReadonlyMap<string, string>): Checkpoint {
  const ownName = (name: string): string => names.get(name) ?? name;
  const entries = [...names].flatMap(([name, own]) => {
    const entry = checkpoint.entries.get(own);
    return entry ? [[name, entry] as const] : [];
  });
  return {
    label: checkpoint.label,
    metadata: checkpoint.metadata,
    entries: new Map(entries),
    readInto: (targets, options) =>
      checkpoint.readInto(
        [...targets].map(([name, destination]) => [ownName(name), destination] as const),
        options,
      ),
    areEqual: (one, other, signal) => checkpoint.areEqual(ownName(one), ownName(other), signal),
  };
}
