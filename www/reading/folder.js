/**
 * The files of folders, wherever a browser gives one: a directory handle, a chooser of folders, a drop. In order of
 * their paths, so that the same folder is the same table each time.
 */

/**
 * @typedef {{ name: string, blob: File }} NamedFile `name` is the path below what was chosen, with `/`
 */

/**
 * The files that were dropped, folders walked. Call it while the drop event is handled: its items are gone afterwards.
 * What it gives is a source for `ingest`.
 * @param {DataTransfer} dataTransfer
 * @returns {Promise<{ name: string, source: File }[]>}
 */
export function filesOf(dataTransfer) {
  const entries = [...dataTransfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  return filesOfEntries(entries).then((files) => files.map(({ name, blob }) => ({ name, source: blob })));
}

/** @param {(FileSystemEntry | File | null)[]} entries */
async function filesOfEntries(entries) {
  /** @type {NamedFile[]} */
  const files = [];
  for (const entry of entries) {
    if (entry === null) continue;
    if ('fullPath' in entry) await walkEntry(entry, files);
    else files.push({ name: entry.name, blob: entry });
  }
  return byPath(files);
}

/**
 * @param {FileSystemEntry} entry
 * @param {NamedFile[]} files
 */
async function walkEntry(entry, files) {
  if (entry.isFile) {
    const blob = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    files.push({ name: entry.fullPath.replace(/^\//, ''), blob });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} some of them, until there are none */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const child of some) await walkEntry(child, files);
  }
}

/**
 * @param {Iterable<File>} list of a chooser of files or of a folder
 * @returns {NamedFile[]}
 */
export function filesOfList(list) {
  return byPath([...list].map((blob) => ({ name: blob.webkitRelativePath || blob.name, blob })));
}

/**
 * @param {any} handle a FileSystemDirectoryHandle or a FileSystemFileHandle
 * @returns {Promise<NamedFile[]>}
 */
export async function filesOfHandle(handle) {
  /** @type {NamedFile[]} */
  const files = [];
  await walkHandle(handle, handle.name, files);
  return byPath(files);
}

/**
 * @param {any} handle
 * @param {string} path
 * @param {NamedFile[]} files
 */
async function walkHandle(handle, path, files) {
  if (handle.kind === 'file') {
    files.push({ name: path, blob: await handle.getFile() });
    return;
  }
  for await (const child of handle.values()) await walkHandle(child, `${path}/${child.name}`, files);
}

/** @param {NamedFile[]} files */
function byPath(files) {
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
