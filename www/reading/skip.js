/**
 * Which files among several are no logs: what systems and archivers leave lying about, and what is no text. A file that
 * was given alone is never skipped: the engine says what is wrong with it.
 */

const LEFT_BY_SYSTEMS = /(^|\/)(__MACOSX\/|\.[^/]*$|\.[^/]+\/|Thumbs\.db$|desktop\.ini$)/i;
const NO_LOG_NAMES = /(^|\/)((readme|licen[cs]e|changelog|makefile)(\.[^/]*)?|[^/]+\.(md|html?|css|m?js|ts|py|sh|bat|ya?ml|toml|ini|cfg|conf|xml|svg|rtf))$/i;
const NO_TEXT_NAMES =
  /\.(png|jpe?g|gif|webp|bmp|ico|tiff?|heic|mp[34]|mov|avi|wav|pdf|docx?|xlsx?|pptx?|od[tsp]|exe|dll|so|bin|jar|7z|rar|tar|tgz|bz2|xz|zst|parquet|arrow|avro|sqlite|db|evtx|pcap(ng)?)$/i;

/**
 * Why a file is skipped for its name; null when it is not.
 * @param {string} name path with `/`
 */
export function reasonByName(name) {
  if (LEFT_BY_SYSTEMS.test(name)) return 'left by a system or an archiver, no log';
  if (NO_TEXT_NAMES.test(name)) return 'by its name no text';
  if (NO_LOG_NAMES.test(name)) return 'by its name no log';
  return null;
}

/**
 * Why a file is skipped for its first bytes; null when it is not.
 * @param {Uint8Array | null} first
 */
export function reasonByContent(first) {
  if (first === null || first.length === 0) return 'empty';
  const head = first.subarray(0, 4096);
  if (startsWith(head, '%PDF-') || startsWith(head, 'BZh') || startsWith(head, 'PAR1')) return 'no text';
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (isUtf16) return null;
  // Text in UTF-16 without its mark has a zero in every other byte, at even or at odd places.
  let nEven = 0;
  let nOdd = 0;
  head.forEach((byte, at) => {
    if (byte !== 0) return;
    if (at % 2 === 0) nEven += 1;
    else nOdd += 1;
  });
  const [few, many] = nEven < nOdd ? [nEven, nOdd] : [nOdd, nEven];
  return many > 0 && !(many > head.length / 4 && few < many / 10) ? 'no text' : null;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} text
 */
function startsWith(bytes, text) {
  return bytes.length >= text.length && [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}
