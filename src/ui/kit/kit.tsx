import { Dialog as RadixDialog, Tooltip as RadixTooltip } from 'radix-ui';
import { X } from 'lucide-react';
import { Component, Fragment, useRef, useState, type ButtonHTMLAttributes, type ChangeEvent, type ErrorInfo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';

/** The small parts that everything is built from. */

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { look?: 'plain' | 'primary' | 'danger' | 'ghost'; small?: boolean; invited?: boolean };

export function Button({ look = 'plain', small = false, invited = false, className = '', ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={`btn ${look === 'plain' ? '' : `btn-${look}`} ${small ? 'btn-small' : ''} ${invited ? 'btn-invited' : ''} ${className}`} />;
}

/** A button that is only a picture: the label is its name and its tooltip. */
export function IconButton({ label, shortcut, ...rest }: ButtonProps & { label: string; shortcut?: string | undefined }) {
  return (
    <Hint text={label} shortcut={shortcut}>
      <Button aria-label={label} {...rest} className={`!px-0 aspect-square ${rest.className ?? ''}`} />
    </Hint>
  );
}

export function Hint({ text, shortcut, children }: { text: ReactNode; shortcut?: string | undefined; children: ReactNode }) {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content sideOffset={6} collisionPadding={8} className="menu !min-w-0 max-w-80 !px-2.5 !py-1 text-[0.92rem]">
          {text} {shortcut && <kbd className="ml-1">{shortcut}</kbd>}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}

export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return <kbd className={className}>{children}</kbd>;
}

/** What had the focus before the first of the dialogs that follow one another; it gets it back from the last. */
let opener: HTMLElement | null = null;

function openerOfNow(): HTMLElement | null {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || active === document.body) opener = null;
  else if (!active.closest('[role=dialog]')) opener = active;
  return opener;
}

export function Dialog({ title, open, onClose, children, wide = false }: { title: string; open: boolean; onClose: () => void; children: ReactNode; wide?: boolean }) {
  const t = useTranslations('common');
  const [before] = useState(openerOfNow);
  return (
    <RadixDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <RadixDialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault(); // Radix would focus its own trigger, and there is none
            before?.focus();
          }}
          className={`fixed top-1/2 left-1/2 z-50 flex max-h-[min(90dvh,52rem)] w-[calc(100vw-2rem)] ${wide ? 'max-w-5xl' : 'max-w-xl'} -translate-x-1/2 -translate-y-1/2 flex-col rounded-2xl border border-line bg-panel shadow-[var(--shadow)]`}
        >
          <header className="flex items-center gap-3 border-b border-line px-5 py-3">
            <RadixDialog.Title className="m-0 flex-1 text-[1.15rem] font-semibold tracking-tight">{title}</RadixDialog.Title>
            <RadixDialog.Close asChild>
              <button type="button" className="btn btn-ghost btn-small" aria-label={t('close')}>
                <X size={16} aria-hidden />
              </button>
            </RadixDialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** A menu of the platform. Who has chosen by mouse is done with it, and the keys of the stage work again: a clicker's next press would change the choice. */
export function Select({ value, onChoose, className = '', children }: { value: string | number; onChoose: (value: string) => void; className?: string; children: ReactNode }) {
  const byPointer = useRef(false);
  const choose = ({ target }: ChangeEvent<HTMLSelectElement>): void => {
    if (byPointer.current) target.blur();
    onChoose(target.value);
  };
  return (
    <select className={`btn ${className}`} value={value} onPointerDown={() => (byPointer.current = true)} onKeyDown={() => (byPointer.current = false)} onChange={choose}>
      {children}
    </select>
  );
}

/** A place that may break without taking the page along. */
export class Guarded extends Component<{ name: string; message: string; retry: string; children: ReactNode; resetKey?: unknown }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(`Pane ${this.props.name}`, error, info.componentStack);
  }

  override componentDidUpdate(previous: { resetKey?: unknown }): void {
    // oxlint-disable-next-line react/no-did-update-set-state -- only when the key has changed
    if (this.state.error && previous.resetKey !== this.props.resetKey) this.setState({ error: null });
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <div role="alert" className="m-3 rounded-xl border border-hot-line bg-hot p-3">
        <p className="m-0 font-semibold text-fail">{this.props.message}</p>
        <p className="mono mt-1 mb-2 text-[0.9rem] text-dim">{this.state.error.message}</p>
        <Button small onClick={() => this.setState({ error: null })}>
          {this.props.retry}
        </Button>
      </div>
    );
  }
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="m-0 px-4 py-6 text-center text-dim text-balance">{children}</p>;
}

/** Long names may break between their words. */
export function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[a-z])(?=[A-Z])/).map((word, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {word}
    </Fragment>
  ));
}

/** A choice among a few, as one control. */
export function Segmented<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: readonly { value: T; label: string }[]; onChange: (value: T) => void }) {
  return (
    <div className="seg" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  );
}
