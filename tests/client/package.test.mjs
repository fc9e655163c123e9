// SPDX-License-Identifier: GPL-3.0-or-later
// What is published: whole, of the project's version, and its types name what there is.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

import * as module from '../../resources/client/gatehouse.js';

const root = new URL('../../', import.meta.url);
const client = new URL('resources/client/', root);
const read = (path, base = client) => readFileSync(new URL(path, base), 'utf8');
const described = JSON.parse(read('package.json'));

test('the package has the version of the project, and no dependencies', () => {
  const [, version] = /project\(gatehouse VERSION ([0-9.]+)/.exec(read('CMakeLists.txt', root));
  assert.equal(described.version, version);
  assert.equal(described.dependencies, undefined);
});

test('its files are there', () => {
  const { types, default: main } = described.exports['.'];
  for (const path of [...described.files, types, main, described.types, described.main]) assert.ok(existsSync(new URL(path, client)), path);
});

test('the types name every export and every public member, and no others', () => {
  const types = read('gatehouse.d.ts');
  const exported = [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(exported.sort(), Object.keys(module).sort());
  const [body] = /^export class GatehouseClient [^]*?^\}/m.exec(types);
  const inherited = ['constructor', 'addEventListener', 'removeEventListener'];
  const members = [...body.matchAll(/^  (?:readonly )?(\w+)[(:<]/gm)].map(([, name]) => name).filter((name) => !inherited.includes(name));
  const there = Object.getOwnPropertyNames(module.GatehouseClient.prototype).filter((name) => name !== 'constructor');
  assert.deepEqual(members.sort(), there.sort());
});

test('every event that is dispatched has a type, and the other way round', () => {
  const [map] = /interface GatehouseEvents \{[^]*?^\}/m.exec(read('gatehouse.d.ts'));
  const typed = [...map.matchAll(/^  (\w+):/gm)].map(([, name]) => name);
  const dispatched = [...read('gatehouse.js').matchAll(/#emit\('(\w+)'/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(dispatched)].sort(), typed.sort());
});
