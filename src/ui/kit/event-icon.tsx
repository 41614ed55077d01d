import type { Category } from '../viewer/events.ts';
import { categoryColor } from '../viewer/events.ts';

/**
 * The sign of an event: colour and shape both tell its category, the filling how it ended (started half, closed full), so that it
 * reads without colour too.
 */
export function EventIcon({ category, task = false, outcome, open = false, size = 14 }: { category: Category; task?: boolean; outcome?: 'completed' | 'failed' | 'timedOut' | 'canceled' | undefined; open?: boolean; size?: number }) {
  const color = outcome === 'failed' ? 'var(--fail)' : outcome === 'timedOut' ? 'var(--warn)' : outcome === 'canceled' ? 'var(--canceled)' : task ? 'var(--task)' : categoryColor[category];
  const filled = !open && !task;
  const common = { fill: filled ? color : 'none', stroke: color, strokeWidth: 2 };
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden className="shrink-0">
      {task || category === 'workflow' ? (
        task ? (
          <circle cx="8" cy="8" r="5.5" {...common} />
        ) : (
          <rect x="2" y="2" width="12" height="12" rx="3.5" {...common} />
        )
      ) : category === 'timer' ? (
        <path d="M3 2.500h10L8.800 8l4.200 5.500H3L7.200 8z" strokeLinejoin="round" {...common} />
      ) : category === 'signal' || category === 'update' ? (
        <path d="M2 4.500L14 2v12L2 11.500z" strokeLinejoin="round" {...common} />
      ) : category === 'child-workflow' ? (
        <path d="M8 1.800l6.200 6.200L8 14.200 1.800 8z" strokeLinejoin="round" {...common} />
      ) : category === 'other' ? (
        <circle cx="8" cy="8" r="3" {...common} />
      ) : (
        <path d="M3 3.500a1.500 1.500 0 0 1 2.200-1.300l8 4.500a1.500 1.500 0 0 1 0 2.600l-8 4.500A1.500 1.500 0 0 1 3 12.500z" {...common} />
      )}
      {outcome === 'failed' && <path d="M5.500 5.500l5 5M10.500 5.500l-5 5" stroke={filled ? 'var(--panel)' : color} strokeWidth="2" />}
      {outcome === 'timedOut' && <path d="M8 5v3.500l2.200 1.500" stroke={filled ? 'var(--panel)' : color} strokeWidth="1.600" fill="none" />}
    </svg>
  );
}
