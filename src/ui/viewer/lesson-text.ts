/** A lesson's prose: sections of a small markdown, one a beat. The format is described in `scenarios/types.ts`. */
export interface BeatText {
  readonly heading: string;
  /** Paragraphs and lists before the question. */
  readonly body: readonly Block[];
  readonly quiz: null | { readonly question: string; readonly options: readonly { readonly text: string; readonly right: boolean }[]; readonly explanation: string };
  readonly invitation: string;
}

export type Block = { readonly kind: 'paragraph'; readonly text: string } | { readonly kind: 'list'; readonly items: readonly string[] } | { readonly kind: 'code'; readonly text: string };

export function parseLesson(markdown: string): readonly BeatText[] {
  return markdown
    .replace(/\r/g, '')
    .split(/^---\s*$/m)
    .map((section) => section.trim())
    .filter((section) => section !== '')
    .map(parseBeat);
}

function parseBeat(section: string): BeatText {
  let heading = '';
  let invitation = '';
  let question = '';
  let explanation = '';
  const options: { text: string; right: boolean }[] = [];
  const body: Block[] = [];
  for (const chunk of section.split(/\n{2,}/)) {
    const lines = chunk.split('\n');
    if (chunk.startsWith('```')) {
      body.push({ kind: 'code', text: chunk.replace(/^```\w*\n?/, '').replace(/\n?```$/, '') });
      continue;
    }
    let paragraph: string[] = [];
    let items: string[] = [];
    const flush = (): void => {
      if (paragraph.length > 0) body.push({ kind: 'paragraph', text: paragraph.join(' ') });
      if (items.length > 0) body.push({ kind: 'list', items });
      paragraph = [];
      items = [];
    };
    for (const line of lines) {
      const option = /^[-*] \(([ x])\) (.*)$/.exec(line);
      if (option) options.push({ right: option[1] === 'x', text: option[2]! });
      else if (/^#+ /.test(line) && heading === '') heading = line.replace(/^#+ /, '');
      else if (line.startsWith('? ')) question = line.slice(2);
      else if (line.startsWith('> ')) explanation = `${explanation} ${line.slice(2)}`.trim();
      else if (line.startsWith('! ')) invitation = line.slice(2);
      else if (/^[-*] /.test(line)) {
        if (paragraph.length > 0) flush();
        items.push(line.slice(2));
      } else if (items.length > 0 && /^\s+/.test(line)) items[items.length - 1] += ` ${line.trim()}`;
      else paragraph.push(line.trim());
    }
    flush();
  }
  return { heading, body, invitation, quiz: question === '' ? null : { question, options, explanation } };
}

/** Inline markup of a text: code, bold, emphasis. */
export function inline(text: string): readonly { readonly kind: 'text' | 'code' | 'strong' | 'em'; readonly text: string }[] {
  const parts: { kind: 'text' | 'code' | 'strong' | 'em'; text: string }[] = [];
  const pattern = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*/g;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    const [whole, code, strong, em] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong });
    else parts.push({ kind: 'em', text: em! });
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}
