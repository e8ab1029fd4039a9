/**
 * THIRD-PARTY-NOTICES.txt: whose code a folder ships, under which licences, with their texts. What is linked is asked
 * of those who link it (cargo, rustc's target folder, esbuild); the texts are those that came with the code. Code
 * whose licence text cannot be found ends the build.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TARGET = 'wasm32-unknown-unknown';
const IS_LEGAL = /^(licen[cs]e|copying|notice|copyright|unlicense)/i;
const IS_REMARK = /^(notice|copyright)/i;
const OFFERS_MIT = /\bMIT( OR |\/)|( OR |\/)MIT\b/;
const OTHER_OFFER = /apache|boost|bsl|unlicense|zlib/i;

const ask = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const askCargo = (...args) => ask(process.env.CARGO ?? 'cargo', ...args);

/** Texts of the files in `folder` whose names say that they are about rights. */
function legalTexts(folder) {
  const texts = [];
  for (const name of readdirSync(folder).filter((entry) => IS_LEGAL.test(entry)).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) texts.push({ name, text: readFileSync(path, 'utf8') });
    else for (const inner of readdirSync(path).sort()) texts.push({ name: inner, text: readFileSync(join(path, inner), 'utf8') });
  }
  return texts;
}

/** Of licences that one may choose from, MIT: it asks for the least text. Nothing where there are only remarks. */
function chosen(licence, texts) {
  if (texts.every(({ name }) => IS_REMARK.test(name))) return [];
  const hasMit = texts.some(({ name, text }) => /mit/i.test(name) || /^\s*permission is hereby granted/im.test(text));
  const left = OFFERS_MIT.test(licence) && hasMit ? texts.filter(({ name }) => !OTHER_OFFER.test(name)) : texts;
  return left.map(({ text }) => text);
}

/** The MIT licence as the toolchain holds it, in the name of `holders`. */
function mitOf(holders, { licences }) {
  return readFileSync(join(licences, 'MIT.txt'), 'utf8').replace(/<year> <copyright holders>/, holders);
}

/** What the wasm holds of the toolchain: the standard library, and the crates that lie beside it for our target. */
function standardLibrary(toolchain) {
  const page = readFileSync(join(toolchain.docs, 'COPYRIGHT-library.html'), 'utf8');
  const plain = (html) => html.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  const rlibs = readdirSync(join(toolchain.sysroot, 'lib/rustlib', TARGET, 'lib'));
  const linked = new Set(rlibs.map((file) => /^lib(\w+)-[0-9a-f]+\.rlib$/.exec(file)?.[1].replaceAll('_', '-')));
  const works = page.split('<h3>📦 ').slice(1).map((section) => {
    const [, name, version] = /^(.+?)-(\d[^<]*)</.exec(section);
    const licence = plain(/<b>License:<\/b> ([^<]*)/.exec(section)[1]);
    const files = section.matchAll(/<code>([^<]*)<\/code><\/summary>\s*<pre>([^<]*)/g);
    const texts = [...files].map(([, file, text]) => ({ name: file, text: plain(text) }));
    return { name, version, licence, texts: chosen(licence, texts) };
  });
  const std = {
    name: 'Rust standard library',
    version: toolchain.version,
    licence: '(MIT OR Apache-2.0) AND Unicode-3.0',
    texts: [
      mitOf('The Rust Project Developers (see https://thanks.rust-lang.org)', toolchain),
      readFileSync(join(toolchain.licences, 'Unicode-3.0.txt'), 'utf8'),
    ],
  };
  return [std, ...works.filter(({ name }) => linked.has(name))];
}

/** Crates linked into the wasm of one of our features; macros run in the compiler and stay there. */
function crates(root, feature, toolchain) {
  const features = ['--locked', '--manifest-path', join(root, 'Cargo.toml'), '--no-default-features', '--features', feature];
  const tree = askCargo(
    ...['tree', ...features, '--package', 'isoscope', '--target', TARGET],
    ...['--edges', 'normal,no-proc-macro', '--prefix', 'none', '--format', '{p}'],
  );
  const linked = new Set(tree.split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));
  const metadata = askCargo('metadata', '--format-version=1', ...features, '--filter-platform', TARGET);
  const packages = JSON.parse(metadata).packages.filter(({ name, version }) => name !== 'isoscope' && linked.has(`${name} v${version}`));
  return packages.map(({ name, version, license: licence, authors, repository, manifest_path: manifest }) => {
    const texts = chosen(licence ?? '', legalTexts(dirname(manifest)));
    // Some are published without their licence; the manifest then says what it is and whose.
    if (texts.length === 0 && (licence === 'MIT' || OFFERS_MIT.test(licence))) {
      texts.push(mitOf(authors.join(', ') || `the authors of ${name}, ${repository}`, toolchain));
    }
    return { name, version, licence, texts };
  });
}

/** Packages of node_modules that reached an output of esbuild. */
function npmPackages(root, { outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const paths = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = new Set(paths.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  return [...folders].map((folder) => {
    const { name, version, license: licence } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return { name, version, licence, texts: chosen(licence, legalTexts(join(root, folder))) };
  });
}

/**
 * The text of the file for a folder that ships the wasm of `features` and the outputs that esbuild's `metafiles` tell of.
 *
 * @throws when something that is shipped has no licence or no text of it.
 */
export function notices(root, features, metafiles) {
  const sysroot = ask('rustc', '--print', 'sysroot').trim();
  const docs = join(sysroot, 'share/doc/rust');
  const toolchain = { sysroot, docs, licences: join(docs, 'licenses'), version: ask('rustc', '--version').split(' ')[1] };

  const works = [
    ...standardLibrary(toolchain),
    ...features.flatMap((feature) => crates(root, feature, toolchain)),
    ...metafiles.flatMap((metafile) => npmPackages(root, metafile)),
  ];
  const byTitle = new Map(works.map((work) => [`${work.name} ${work.version}: ${work.licence?.replaceAll('/', ' OR ')}`, work]));
  const titlesByText = new Map();
  for (const [title, { licence, texts }] of [...byTitle].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!licence || texts.length === 0) throw new Error(`${title} is shipped, and the text of its licence was not found`);
    for (const text of texts.map((each) => each.replaceAll('\r\n', '\n').replace(/^\s*\n|\s+$/g, ''))) {
      const same = text.replace(/\s+/g, ' ');
      if (!titlesByText.has(same)) titlesByText.set(same, { text, titles: [] });
      titlesByText.get(same).titles.push(title);
    }
  }
  const sections = [...titlesByText.values()].map(({ titles, text }) => `${'='.repeat(80)}\n${titles.join('\n')}\n${'-'.repeat(80)}\n${text}\n`);
  return `Isoscope is under the MIT licence. It contains the work of others, named here with their terms.\n\n${sections.join('\n')}`;
}
