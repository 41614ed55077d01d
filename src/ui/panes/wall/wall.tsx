import { ArrowLeft, ArrowRight, HardDrive, MemoryStick, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { DeliveryEntry } from '../../../trace/entries.ts';
import { useFrame, useViewerState } from '../../viewer/context.tsx';

/**
 * The wall between the processes, whose memory is lost with them, and the Service, whose storage stays. What crosses it in this step
 * is shown in it: only messages do.
 */
export function Wall() {
  const t = useTranslations('wall');
  const frame = useFrame();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const delivery = model.entriesAt(branch, frame.step).find((stamped) => stamped.entry.type === 'delivery')?.entry as DeliveryEntry | undefined;
  const killed = Object.values(frame.processes).some((process) => process.kind === 'worker' && process.state === 'killed');
  return (
    <div className="wall" data-killed={killed} aria-hidden>
      <span className={`wall-side ${killed ? 'text-fail' : 'text-dim'}`}>
        <MemoryStick size={13} /> <span>{killed ? t('lost') : t.rich('memory', { more: (chunks) => <span className="wall-more">{chunks}</span> })}</span>
      </span>
      <span className="wall-gate" data-open={delivery !== undefined} data-lost={delivery?.dropped ?? false} key={frame.step}>
        {delivery && (
          <>
            <span className={`wall-arrow ${delivery.edge === 'request' ? 'wall-right' : 'wall-left'}`}>
              {delivery.dropped ? <X size={15} strokeWidth={3} /> : delivery.edge === 'request' ? <ArrowRight size={15} strokeWidth={3} /> : <ArrowLeft size={15} strokeWidth={3} />}
            </span>
            <span className="wall-name mono">{delivery.rpc}</span>
          </>
        )}
      </span>
      <span className="wall-side text-done">
        <HardDrive size={13} /> <span>{t('disk')}</span>
      </span>
    </div>
  );
}
