/** The files of a folder, or of several files, that were dropped, by their paths in the folder. */
export async function filesOfDrop(data: DataTransfer | null): Promise<Map<string, File>> {
  const entries = [...(data?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found = new Map<string, File>();
  for (const entry of entries) {
    if (isFolder(entry)) for (const child of await childrenOf(entry)) await collect(child, child.name, found);
    else await collect(entry, entry.name, found);
  }
  return found;
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

async function collect(entry: FileSystemEntry, path: string, found: Map<string, File>): Promise<void> {
  if (isFolder(entry)) for (const child of await childrenOf(entry)) await collect(child, `${path}/${child.name}`, found);
  else if (isFile(entry)) found.set(path, await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
}

/** A reader gives a folder in parts, the last of them empty. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return children;
    children.push(...part);
  }
}
