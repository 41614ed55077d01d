import { msToNumber, type Duration } from '@temporalio/common/lib/time';
import type { ResourceBasedTunerOptions, WorkerTuner } from '@temporalio/worker';
import type { SlotSupplierConfig } from '../../worker/messages.ts';

/** A controller that several tuners share. */
export class ResourceBasedController {
  readonly #options: ResourceBasedTunerOptions;
  private constructor(options: ResourceBasedTunerOptions) {
    this.#options = options;
  }
  static create(options: ResourceBasedTunerOptions): ResourceBasedController {
    return new ResourceBasedController(options);
  }
  static optionsOf(controller: ResourceBasedController): ResourceBasedTunerOptions {
    if (!(controller instanceof ResourceBasedController)) throw new TypeError('Resource-based tuner controller must be a ResourceBasedController');
    return controller.#options;
  }
}

type Kind = 'workflow' | 'activity';
interface SlotOptions {
  minimumSlots?: number;
  maximumSlots?: number;
  rampThrottle?: Duration;
}
interface Source {
  tunerOptions?: ResourceBasedTunerOptions;
  controller?: unknown;
}
/** A slot supplier as the user writes it. */
type Supplier = ({ type: 'fixed-size'; numSlots: number } | ({ type: 'resource-based' } & SlotOptions & Source) | { type: 'custom' });

export interface CompiledTuner {
  readonly workflow: SlotSupplierConfig;
  readonly activity: SlotSupplierConfig;
  readonly localActivity: SlotSupplierConfig;
}

/** Defaults as the SDK fills them in: 2 to 1,000 Workflow Task slots with 10 ms of ramp, 1 to 2,000 activity slots with 50 ms. */
function resourceBased(slots: SlotOptions, source: Source, kind: Kind): SlotSupplierConfig {
  if ((source.controller === undefined) === (source.tunerOptions === undefined)) throw new TypeError('Resource-based tuner must specify exactly one of controller or tunerOptions');
  const targets = source.tunerOptions ?? ResourceBasedController.optionsOf(source.controller as ResourceBasedController);
  return {
    type: 'resource-based',
    minimumSlots: slots.minimumSlots ?? (kind === 'workflow' ? 2 : 1),
    maximumSlots: slots.maximumSlots ?? (kind === 'workflow' ? 1000 : 2000),
    rampThrottle: msToNumber(slots.rampThrottle ?? (kind === 'workflow' ? 10 : 50)),
    targetMemoryUsage: targets.targetMemoryUsage,
    targetCpuUsage: targets.targetCpuUsage,
  };
}

function compileSupplier(supplier: Supplier, kind: Kind): SlotSupplierConfig {
  switch (supplier.type) {
    case 'fixed-size':
      return { type: 'fixed-size', numSlots: supplier.numSlots };
    case 'resource-based':
      return resourceBased(supplier, supplier, kind);
    case 'custom':
      throw new TypeError('Custom slot suppliers are not supported in the simulation');
  }
}

function shareOneController(suppliers: readonly Supplier[]): void {
  const [first, ...others] = suppliers.filter((supplier) => supplier.type === 'resource-based');
  const same = (a: Source, b: Source): boolean =>
    a.controller === b.controller && a.tunerOptions?.targetCpuUsage === b.tunerOptions?.targetCpuUsage && a.tunerOptions?.targetMemoryUsage === b.tunerOptions?.targetMemoryUsage;
  if (first && others.some((other) => !same(first, other))) throw new TypeError('Cannot construct worker tuner with multiple different resource-based tuner configurations');
}

/** Checks a tuner and fills in its defaults. */
export function compileTuner(tuner: WorkerTuner): CompiledTuner {
  if (Object.hasOwn(tuner, 'workflowTaskSlotSupplier')) {
    const holder = tuner as unknown as { workflowTaskSlotSupplier: Supplier; activityTaskSlotSupplier: Supplier; localActivityTaskSlotSupplier: Supplier };
    shareOneController([holder.workflowTaskSlotSupplier, holder.activityTaskSlotSupplier, holder.localActivityTaskSlotSupplier]);
    return {
      workflow: compileSupplier(holder.workflowTaskSlotSupplier, 'workflow'),
      activity: compileSupplier(holder.activityTaskSlotSupplier, 'activity'),
      localActivity: compileSupplier(holder.localActivityTaskSlotSupplier, 'activity'),
    };
  }
  if (!Object.hasOwn(tuner, 'tunerOptions') && !Object.hasOwn(tuner, 'controller')) throw new TypeError('Invalid worker tuner configuration');
  const options = tuner as Source & { workflowTaskSlotOptions?: SlotOptions; activityTaskSlotOptions?: SlotOptions; localActivityTaskSlotOptions?: SlotOptions };
  return {
    workflow: resourceBased(options.workflowTaskSlotOptions ?? {}, options, 'workflow'),
    activity: resourceBased(options.activityTaskSlotOptions ?? {}, options, 'activity'),
    localActivity: resourceBased(options.localActivityTaskSlotOptions ?? {}, options, 'activity'),
  };
}
