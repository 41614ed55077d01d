// The licences of everything that the published page contains, read from the installed packages.
import { readFileSync, readdirSync } from 'node:fs';
import { root } from './paths.mjs';

/** Development packages of which something ends up in the page all the same: style sheet, service worker, VM bundles. */
const shippedDevelopmentPackages = /^(tailwindcss|workbox-[\w-]+|@noble\/(?:ciphers|hashes)|@temporalio\/envconfig|smol-toml|buffer|base64-js|ieee754)$/;

/**
 * @returns {string} one text with name, version and licence text of each third-party package
 */
export function thirdPartyLicences() {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
  const parts = [];
  for (const [path, entry] of Object.entries(packages)) {
    const name = path.replace(/^.*node_modules\//, '');
    const shipped = !entry.dev && !entry.devOptional;
    if (path === '' || !(shipped || shippedDevelopmentPackages.test(name))) continue;
    parts.push(`${name} ${entry.version} (${entry.license ?? 'see below'})\n\n${licenceText(`${root}/${path}`)}`);
  }
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `Replayground contains the following third-party software.${rule}${parts.join(rule)}\n`;
}

/** Some packages publish no licence file; the name of the licence above then has to do. */
function licenceText(folder) {
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    return '(optional, not part of this build)';
  }
  const texts = names
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name) && !/\.(js|ts|json)$/.test(name))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim());
  return texts.join('\n\n') || '(the package contains no licence file)';
}
