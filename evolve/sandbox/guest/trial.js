// Inside a tier: runs a JavaScript or TypeScript answer and its tests, and says on the reply channel how far it came.
// The nonce is taken from its pipe first and kept in this function, which no code of the answer can look into; the
// files are removed before the answer runs. The answer is a script of the global scope, the tests a function after it;
// they have held when nothing is left to do, so that promises that nobody waited for count. What the answer itself left
// waiting (a timer that repeats, a server) is not waited for.
'use strict';
(() => {
  const fs = require('fs'), vm = require('vm'), Module = require('module'), assert = require('assert');
  const write = fs.writeSync, leave = process.reallyExit.bind(process), show = console.error.bind(console);
  const nonce = fs.readFileSync(@PROOF@, 'utf8').trim();
  fs.closeSync(@PROOF@);
  const texts = {};
  for (const name of ['answer', 'tests']) texts[name] = fs.readFileSync(name + '.js', 'utf8');
  for (const name of ['answer.js', 'tests.js', 'trial.js']) fs.unlinkSync(name);
  const end = (said, error) => {
    if (error !== undefined) show(error && error.stack ? error.stack : error);
    write(@REPLY@, said + '\n');
    leave(said === 'broken' ? 1 : 0);
  };
  if (@STRIP@ && !Module.stripTypeScriptTypes) return end('unfit', 'this version of node strips no types');
  const proven = texts.tests.trim() !== '';
  // What nobody catches ends the trial, whatever the answer has set up for it.
  const uncaught = (error) => { show(error && error.stack ? error.stack : error); leave(1); };
  const listeners = process.listeners.bind(process), captured = process.hasUncaughtExceptionCaptureCallback;
  const events = ['uncaughtException', 'unhandledRejection'];
  const listen = () => {
    for (const event of events) { process.removeAllListeners(event); process.on(event, uncaught); }
  };
  const heard = () => !captured() && listeners(events[0])[0] === uncaught && listeners(events[1])[0] === uncaught;
  const strip = @STRIP@ ? Module.stripTypeScriptTypes : (text) => text;
  const script = (name, text) => new vm.Script(text, { filename: name + '.js' });

  const outer = Module.createRequire(process.cwd() + '/trial.js');
  const own = (asked) => /^\.{1,2}\/|^(answer|solution)$/.test(asked);
  const kept = Object.assign(Object.create(null), { assert, 'node:assert': assert });
  kept['assert/strict'] = kept['node:assert/strict'] = assert.strict;
  for (const [owner, key] of [[Module, '_load'], [Module, '_resolveFilename'], [Module.prototype, 'require']]) {
    Object.defineProperty(owner, key, { writable: false, configurable: false });
  }
  const load = (asked) => {
    if (typeof asked === 'string' && asked in kept) return kept[asked];
    try { return outer(asked); } catch (error) { if (!own(asked)) throw error; }
    const given = globalThis.module.exports;
    const find = (_, name) => {
      if (given !== null && given !== undefined && name in Object(given)) return given[name];
      if (typeof name !== 'string' || !/^[\w$]+$/.test(name)) return undefined;
      return name === 'default' ? given : vm.runInThisContext(`typeof ${name} === 'undefined' ? undefined : ${name}`);
    };
    return typeof given === 'function' ? given : new Proxy({}, { get: find });
  };
  globalThis.module = { exports: {} };
  globalThis.exports = globalThis.module.exports;
  globalThis.require = load;
  console.assert = (held, ...said) => assert(held, said.length ? said.join(' ') : 'console.assert');
  for (const one of [assert, assert.strict, assert.AssertionError.prototype, console]) {
    for (const key of Object.getOwnPropertyNames(one)) {
      const found = Object.getOwnPropertyDescriptor(one, key);
      if (found.configurable && 'value' in found && (one !== console || key === 'assert')) {
        Object.defineProperty(one, key, { writable: false, configurable: false });
      }
    }
  }
  const waiting = [];
  const test = (name, body) => { waiting.push((async () => (body || name)())()); };
  const names = 'assert, require, module, exports, test, it, describe';
  const fails = (body) => { try { body(); } catch { return true; } return false; };
  const number = Math.floor(Math.random() * 1000);

  let tests, answer;
  try {
    tests = script('tests', `(async (${names}) => {{ ${strip(texts.tests)}\n}})`);
  } catch (error) { return end('unfit', error); }
  try {
    answer = script('answer', strip(texts.answer));
  } catch (error) { return end('broken', error); }
  write(@REPLY@, 'built\n');
  const repeat = globalThis.setInterval;
  if (proven) listen();
  if (proven) globalThis.setInterval = (...given) => repeat(...given).unref();
  try {
    answer.runInThisContext();
  } catch (error) { return end('broken', error); }
  if (!proven) return undefined;  // it ends when nothing is left to do
  globalThis.setInterval = repeat;
  listen();
  for (const handle of process._getActiveHandles()) if (handle.unref) handle.unref();
  let done = false;
  process.on('beforeExit', () => {
    if (!done) return;
    const held = heard() && fails(() => assert.strictEqual(number, number + 1)) && fails(() => assert(number !== number))
      && fails(() => assert.deepStrictEqual([number], [number + 1])) && fails(() => console.assert(number < number));
    end(held ? nonce : 'forged');
  });
  (async () => {
    await tests.runInThisContext()(assert, load, globalThis.module, globalThis.exports, test, test, test);
    for (let place = 0; place < waiting.length; place += 1) await waiting[place];
    done = true;
  })().then(undefined, uncaught);
  return undefined;
})();
