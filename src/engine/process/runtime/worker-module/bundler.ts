import { DefaultLogger } from './logger.ts';
import type { BundleOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';

/**
 * A bundle here is a token: it names the options that it was made with, and the engine compiles the code from them. A real bundle,
 * made by webpack elsewhere, can't be used.
 */
const PREFIX = '/* Replayground workflow bundle */ ';

/** Makes the token. */
export async function bundleWorkflowCode(options: BundleOptions): Promise<WorkflowBundleWithSourceMap> {
  const { workflowsPath, workflowInterceptorModules, payloadConverterPath, failureConverterPath, ignoreModules } = options;
  (options.logger ?? new DefaultLogger()).info('Workflow bundle created');
  return { sourceMap: 'deprecated: this is no longer in use\n', code: PREFIX + JSON.stringify({ workflowsPath, workflowInterceptorModules, payloadConverterPath, failureConverterPath, ignoreModules }) };
}

type TokenOptions = Pick<BundleOptions, 'workflowsPath' | 'workflowInterceptorModules' | 'payloadConverterPath' | 'failureConverterPath' | 'ignoreModules'>;

/** What a bundle was made of. `codePath` names a file that was to be built before: its source is looked for under the same name. */
export function bundleOptionsOf(bundle: object): TokenOptions {
  if ('code' in bundle && typeof bundle.code === 'string') {
    if (!bundle.code.startsWith(PREFIX)) throw new TypeError('workflowBundle.code has to come from bundleWorkflowCode() in the same process: the simulation runs no webpack bundles');
    return JSON.parse(bundle.code.slice(PREFIX.length)) as TokenOptions;
  }
  if ('codePath' in bundle && typeof bundle.codePath === 'string')
    throw new TypeError(`workflowBundle.codePath (${bundle.codePath}) is a file made by webpack, which the simulation does not run: give workflowsPath`);
  throw new TypeError('Invalid WorkflowOptions.workflowBundle');
}
