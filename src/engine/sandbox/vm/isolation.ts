/**
 * Globals that a workflow sets must not reach the others in its VM. As @temporalio/worker's reusable-vm.js: built-in objects are frozen, and
 * what a run changed on `globalThis` is put away when another run enters and put back when it returns. Prototypes are not frozen, as there.
 */

const OURS = new Set<PropertyKey>(['__TEMPORAL_ACTIVATOR__', '__async', '__defineModule', '__kernel', '__t', '__w', '__TEMPORAL__', 'globalThis']);

/** Takes the present globals as what every run starts with. */
export function createIsolation(): { switchTo(run: object): void; forget(run: object): void } {
  const pristine = Object.getOwnPropertyDescriptors(globalThis) as unknown as Record<PropertyKey, PropertyDescriptor>;
  const names = Reflect.ownKeys(pristine).filter((name) => !OURS.has(name));
  const known = new Set<PropertyKey>(Reflect.ownKeys(pristine));
  for (const name of OURS) known.add(name);
  const values = names.map((name) => pristine[name]!.value);
  for (const name of names) {
    if (name !== 'Date') deepFreeze(pristine[name]!.value, new Set());
  }
  const unchanged = comparison(names, values);
  const bags = new Map<object, Map<PropertyKey, PropertyDescriptor>>();
  const target = globalThis as any;
  let current: object | undefined;

  /** Undoes what the present run did to the globals and remembers it. */
  const putAway = (): void => {
    let bag: Map<PropertyKey, PropertyDescriptor> | undefined;
    const present = Reflect.ownKeys(target);
    if (present.length > known.size - (known.has('__TEMPORAL_ACTIVATOR__') && !('__TEMPORAL_ACTIVATOR__' in target) ? 1 : 0)) {
      for (const name of present) {
        if (known.has(name)) continue;
        (bag ??= new Map()).set(name, Object.getOwnPropertyDescriptor(target, name)!);
        delete target[name];
      }
    }
    for (let i = unchanged(target) ? names.length : 0; i < names.length; i++) {
      const name = names[i]!;
      if (target[name] === values[i] || Number.isNaN(values[i])) continue;
      (bag ??= new Map()).set(name, Object.getOwnPropertyDescriptor(target, name) ?? { value: undefined, configurable: true, writable: true, enumerable: false });
      Object.defineProperty(target, name, pristine[name]!);
    }
    if (bag) bags.set(current!, bag);
    else if (current) bags.delete(current);
  };

  return {
    switchTo(run) {
      if (current === run) return;
      if (current) putAway();
      current = run;
      const bag = bags.get(run);
      if (bag) for (const [name, descriptor] of bag) Object.defineProperty(target, name, descriptor);
    },
    forget(run) {
      if (current === run) {
        putAway();
        current = undefined;
      }
      bags.delete(run);
    },
  };
}

/**
 * Whether all these properties of an object have these values. As code with their names in it: it runs each time that another run is
 * activated, and a loop over seventy names takes five times as long.
 */
function comparison(names: readonly PropertyKey[], values: readonly unknown[]): (target: object) => boolean {
  const compared = names.flatMap((name, i) => (typeof name === 'string' && !Number.isNaN(values[i]) ? [{ name, value: values[i] }] : []));
  const test = compared.map(({ name }, i) => `target.${name} === v${i}`).join(' && ');
  // oxlint-disable-next-line typescript/no-implied-eval -- names of the VM's own globals, in the VM
  return new Function(...compared.map((_, i) => `v${i}`), `return (target) => ${test}`)(...compared.map(({ value }) => value));
}

/** Freezes an object and what hangs on it; functions alone. */
function deepFreeze(value: any, visited: Set<object>): void {
  if (value === null || value === undefined || value === globalThis || (typeof value !== 'object' && typeof value !== 'function') || visited.has(value)) return;
  visited.add(value);
  if (Object.isFrozen(value)) return;
  if (typeof value === 'object') {
    for (const name of Reflect.ownKeys(value)) {
      try {
        deepFreeze(value[name], visited);
      } catch {
        // Some things can't be frozen: typed arrays.
      }
    }
  }
  try {
    if (value !== Error) Object.freeze(value); // our own stack traces are set on it
  } catch {
    // As above.
  }
}
