/** Node's `util.parseArgs`. */

interface Option {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: unknown;
}

interface Config {
  readonly args?: readonly string[];
  readonly options?: { readonly [name: string]: Option };
  readonly strict?: boolean;
  readonly allowPositionals?: boolean;
  readonly tokens?: boolean;
}

type Token =
  | { kind: 'option'; name: string; rawName: string; index: number; value: string | undefined; inlineValue: boolean | undefined }
  | { kind: 'positional'; index: number; value: string }
  | { kind: 'option-terminator'; index: number };

const fail = (code: string, message: string): never => {
  throw Object.assign(new TypeError(message), { code: `ERR_PARSE_ARGS_${code}` });
};

export function parseArgs(config: Config = {}): { values: { [name: string]: unknown }; positionals: string[]; tokens?: Token[] } {
  const { options = {}, strict = true, tokens: wantsTokens = false } = config;
  const allowPositionals = config.allowPositionals ?? !strict;
  const args = config.args ?? process.argv.slice(2);
  const option = (name: string): Option | undefined => (Object.hasOwn(options, name) ? options[name] : undefined);
  const tokens = tokenize(args, options);
  const values = Object.create(null) as { [name: string]: unknown };
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      if (!allowPositionals) fail('UNEXPECTED_POSITIONAL', `Unexpected argument '${token.value}'. This command does not take positional arguments`);
      positionals.push(token.value);
      continue;
    }
    const known = option(token.name);
    if (strict) check(token, known, allowPositionals);
    const value = token.value ?? (known?.type === 'string' && strict ? undefined : true);
    values[token.name] = known?.multiple ? [...((values[token.name] as unknown[] | undefined) ?? []), value] : value;
  }
  for (const [name, { default: usual }] of Object.entries(options)) if (usual !== undefined && !(name in values)) values[name] = usual;
  return wantsTokens ? { values, positionals, tokens } : { values, positionals };
}

function check(token: Token & { kind: 'option' }, known: Option | undefined, allowPositionals: boolean): void {
  if (!known) {
    const hint = allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- ${JSON.stringify(token.rawName)}` : '';
    return fail('UNKNOWN_OPTION', `Unknown option '${token.rawName}'${hint}`);
  }
  const shown = `${known.short ? `-${known.short}, ` : ''}--${token.name}`;
  if (known.type === 'string' && token.value === undefined) fail('INVALID_OPTION_VALUE', `Option '${shown} <value>' argument missing`);
  if (known.type === 'boolean' && token.value !== undefined) fail('INVALID_OPTION_VALUE', `Option '${shown}' does not take an argument`);
  if (known.type === 'string' && !token.inlineValue && token.value !== undefined && token.value.length > 1 && token.value.startsWith('-')) {
    const example = token.rawName.startsWith('--') ? `'${token.rawName}=-XYZ'` : `'--${token.name}=-XYZ' or '${token.rawName}-XYZ'`;
    fail('INVALID_OPTION_VALUE', `Option '${token.rawName}' argument is ambiguous.\nDid you forget to specify the option argument for '${token.rawName}'?\nTo specify an option argument starting with a dash use ${example}.`);
  }
}

function tokenize(args: readonly string[], options: { readonly [name: string]: Option }): Token[] {
  const tokens: Token[] = [];
  const takesValue = (name: string): boolean => Object.hasOwn(options, name) && options[name]?.type === 'string';
  const longOf = (short: string): string => Object.entries(options).find(([, { short: s }]) => s === short)?.[0] ?? short;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const next = args[i + 1];
    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index: i }, ...args.slice(i + 1).map((value, j): Token => ({ kind: 'positional', index: i + 1 + j, value })));
      break;
    }
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
    if (long) {
      const [, name = '', inline] = long;
      const separate = inline === undefined && takesValue(name) && next !== undefined;
      tokens.push({ kind: 'option', name, rawName: `--${name}`, index: i, value: inline ?? (separate ? next : undefined), inlineValue: inline !== undefined ? true : separate ? false : undefined });
      if (separate) i++;
    } else if (arg.length > 1 && arg.startsWith('-')) {
      for (let at = 1; at < arg.length; at++) {
        const short = arg[at]!;
        const name = longOf(short);
        const inline = takesValue(name) && at + 1 < arg.length ? arg.slice(at + 1) : undefined;
        const separate = inline === undefined && takesValue(name) && next !== undefined;
        tokens.push({ kind: 'option', name, rawName: `-${short}`, index: i, value: inline ?? (separate ? next : undefined), inlineValue: inline !== undefined ? true : separate ? false : undefined });
        if (inline !== undefined) break;
        if (separate) i++;
      }
    } else tokens.push({ kind: 'positional', index: i, value: arg });
  }
  return tokens;
}
