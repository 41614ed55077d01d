// Prints histories one event a line: `node conformance/record/show.mjs <history.json>…`.
import { readFileSync } from 'node:fs';

for (const file of process.argv.slice(2)) {
  console.log(`## ${file}`);
  const { events } = JSON.parse(readFileSync(file, 'utf8'));
  const start = Date.parse(events[0].eventTime);
  for (const event of events) {
    const attributes = Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))?.[1] ?? {};
    const at = ((Date.parse(event.eventTime) - start) / 1000).toFixed(3);
    console.log(`${event.eventId.padStart(4)} ${at.padStart(8)} ${event.eventType.slice(11).padEnd(36)} ${JSON.stringify(attributes).slice(0, process.env.WIDE ? undefined : 220)}`);
  }
}
