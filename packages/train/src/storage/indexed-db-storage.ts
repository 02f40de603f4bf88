import { openCheckpoint } from "@x/layers";
import { encodeSafetensors } from "@x/layers/save";
import type { RunStorage } from "./run-storage.ts";

/** Where files lie in the database. */
const STORE = "files";

/**
 * A run in the browser's database, where there is no private file system, or a page likes it better: a database of this name, with a blob for each file. What
 * is written is there as a whole, when the disk has it, or not at all.
 *
 * ```ts
 * await fit(textClassification(model), mails, { run: indexedDBStorage("spam-run") });
 * ```
 */
export function indexedDBStorage(name: string): RunStorage {
  const inStore = async <Result>(mode: IDBTransactionMode, ask: (files: IDBObjectStore) => IDBRequest<Result>): Promise<Result> => {
    const database = await opened(name);
    try {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const over = ended(transaction);
      const [result] = await Promise.all([answered(ask(transaction.objectStore(STORE))), over]);
      return result;
    } finally {
      database.close();
    }
  };
  const read = (file: string): Promise<Blob | undefined> => inStore("readonly", (files) => files.get(file) as IDBRequest<Blob | undefined>);
  const write = async (file: string, content: Blob): Promise<void> =>
    void (await inStore("readwrite", (files) => files.put(content, file)));
  return {
    list: async () => (await inStore("readonly", (files) => files.getAllKeys())).map(String).sort(),
    saveTensors: (file, tensors, metadata) => write(file, encodeSafetensors(tensors, { metadata })),
    openTensors: async (file) => openCheckpoint(new Map([[file, (await read(file)) ?? new Blob()]]), { file }),
    readText: async (file) => (await read(file))?.text(),
    writeText: (file, text) => write(file, new Blob([text])),
    appendText: async (file, text) => write(file, new Blob([(await read(file)) ?? "", text])),
    remove: async (file) => void (await inStore("readwrite", (files) => files.delete(file))),
  };
}

function opened(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE));
  return answered(request);
}

const answered = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });

const ended = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error)); // the disk is full, say
  });
