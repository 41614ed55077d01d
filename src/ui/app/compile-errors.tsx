import type { CompileError } from '../../api/sandbox.ts';

/** What the compiler refuses, with file, line and column; the first of many. */
export function CompileErrors({ errors }: { errors: readonly CompileError[] }) {
  return (
    <ul className="mono m-0 list-none p-0 text-[0.92rem]">
      {errors.slice(0, 8).map((error, index) => (
        <li key={index}>
          {error.file}:{error.line}:{error.column} {error.message}
        </li>
      ))}
    </ul>
  );
}
