// Speaks SMT-LIB 2 on standard input and output, as `z3 -smt2 -in` does, with the Z3 of the npm package z3-solver. One command at a time: Boogie waits for each answer.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const version = JSON.parse(readFileSync(require.resolve('z3-solver/package.json'), 'utf8')).version;

// The length of the first complete command of a text: balanced parentheses outside of strings, quoted symbols and comments; -1 when it is not complete.
export function commandEnd(text) {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === ';') { i = text.indexOf('\n', i); if (i < 0) return -1; }
    else if (c === '"' || c === '|') { i = text.indexOf(c, i + 1); if (i < 0) return -1; }
    else if (c === '(') depth++;
    else if (c === ')' && --depth === 0) return i + 1;
  }
  return -1;
}

// What can be answered before the solver is there: compiling it takes seconds, and Boogie's first question has to be answered in time.
const greeting = /^\(\s*get-info\s+:name\s*\)$/;

async function serve() {
  const { init } = require('z3-solver');
  const solver = init().then(({ Z3 }) => ({ Z3, context: Z3.mk_context(Z3.mk_config()) }));
  let pending = '', text = '';      // commands that the solver has not seen yet; what has been read
  for await (const chunk of process.stdin) {
    text += chunk;
    for (let end = commandEnd(text); end > 0; end = commandEnd(text)) {
      const command = text.slice(0, end).replace(/^(\s|;.*\n)*/, '').trim();
      text = text.slice(end);
      if (/^\(\s*exit\s*\)$/.test(command)) process.exit(0);
      if (greeting.test(command)) { process.stdout.write('(:name "Z3")\n'); continue; }
      pending += command + '\n';
      if (!/^\(\s*(check-sat|get-|eval|echo)/.test(command)) continue;      // nothing else answers, but with errors
      process.stdout.write(await ask(await solver, pending));
      pending = '';
    }
  }
  process.exit(0);
}

async function ask({ Z3, context }, commands) {
  try { return await Z3.eval_smtlib2_string(context, commands); }
  catch (error) { return `(error "${String(error.message ?? error).replaceAll('"', '""')}")\n`; }
}

if (process.argv.some(a => /^-{1,2}version$/.test(a))) console.log(`Z3 version ${version} - WebAssembly`);
else await serve();
